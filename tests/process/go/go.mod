module libwasm-process

go 1.19
