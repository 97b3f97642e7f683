#!/bin/sh
# Builds libwasm.so and all examples against it, runs each, and compares what it prints with examples-c/expected/. Needs
# Rust and a C compiler, and a C++ compiler for the one in C++.
#
#     sh examples-c/run.sh                     all of them
#     sh examples-c/run.sh host limits         only these
#     LIBWASM_DIR=/usr/local/lib sh examples-c/run.sh    with the libwasm.so that is there, instead of building one
set -eu
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
out=$target/examples-c
mkdir -p "$out"
if [ -n "${LIBWASM_DIR:-}" ]; then
    libraries=$LIBWASM_DIR
else
    libraries=$(cd "$target" && pwd)/release
    case $(uname -s) in
    Darwin) link="-Wl,-install_name,@rpath/libwasm.dylib" ;;
    *) link="-Wl,-soname,libwasm.so" ;;
    esac
    cargo rustc --release --lib --crate-type cdylib -- -C "link-arg=$link"
fi

if [ $# = 0 ]; then
    set -- host hello
    for source in examples-c/*.c examples-c/*.cpp; do
        name=$(basename "${source%.*}")
        case $name in
        host | hello | formula) ;; # first, and a guest
        *) set -- "$@" "$name" ;;
        esac
    done
fi

failed=
for name in "$@"; do
    printf '\n--- %s\n' "$name"
    if [ -f "examples-c/$name.cpp" ]; then
        ${CXX:-c++} -std=c++17 -O2 -Wall -Wextra -Iinclude "examples-c/$name.cpp" -o "$out/$name" \
            -L"$libraries" -lwasm -Wl,-rpath,"$libraries"
    else
        ${CC:-cc} -std=c11 -O2 -Wall -Wextra -pthread -Iinclude "examples-c/$name.c" -o "$out/$name" \
            -L"$libraries" -lwasm -Wl,-rpath,"$libraries"
    fi
    "$out/$name" >"$out/$name.txt" || failed="$failed $name"
    cat "$out/$name.txt"
    diff "examples-c/expected/$name.txt" "$out/$name.txt" || failed="$failed $name"
done

if [ -n "$failed" ]; then
    printf '\nnot as expected:%s\n' "$failed" >&2
    exit 1
fi
printf '\nall %s as expected\n' $#
