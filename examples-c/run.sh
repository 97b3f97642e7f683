#!/bin/sh
# Builds libwasm.so and the example host against it, and runs the host. Needs Rust and a C compiler.
set -eu
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/examples-c"
libraries=$(cd "$target" && pwd)/release
case $(uname -s) in
Darwin) link="-Wl,-install_name,@rpath/libwasm.dylib" ;;
*) link="-Wl,-soname,libwasm.so" ;;
esac

cargo rustc --release --lib --crate-type cdylib -- -C "link-arg=$link"
${CC:-cc} -std=c11 -O2 -Wall -Wextra -Iinclude examples-c/host.c -o "$target/examples-c/host" \
    -L"$libraries" -lwasm -Wl,-rpath,"$libraries"
exec "$target/examples-c/host" examples-c/formula.wasm
