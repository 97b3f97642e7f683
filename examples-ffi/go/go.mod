module example.org/libwasm-host

go 1.19
