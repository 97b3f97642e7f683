#!/bin/sh
# Builds the guest programs: NAME.wasm with the C compiler in PyPI's ziglang (pip install ziglang==0.17.1), and
# expected/NAME.txt from the same source compiled natively. Without arguments everything; else the guests named.
# Both results are committed, so that tests need neither compiler.
set -eu
cd "$(dirname "$0")"
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p wasm expected
# What every engine has, so that all of them can be compared; a guest's own flags add to it.
baseline='-mcpu=mvp+mutable_globals+sign_ext+nontrapping_fptoint'

grep -v '^#' guests.txt | while read -r name test bench flags; do
    [ -n "$name" ] || continue
    if [ $# -gt 0 ]; then
        case " $* " in *" $name "*) ;; *) continue ;; esac
    fi
    driver=cc native="$CC" source="src/$name.c"
    if [ -e "src/$name.cpp" ]; then driver=c++ native="${CXX:-c++}" source="src/$name.cpp"; fi
    # shellcheck disable=SC2086  # the flags are several words
    python3 -m ziglang $driver -target wasm32-freestanding $baseline -nostdlib -fno-sanitize=undefined -fno-strict-aliasing \
        -ffp-contract=off -fno-math-errno -Wall -Wno-unused-function -O2 $flags \
        -Wl,--no-entry -Wl,--export=run -Wl,-z,stack-size=262144 -Wl,--strip-debug "$source" -o "$work/$name.wasm"
    mv "$work/$name.wasm" "wasm/$name.wasm"
    # Optimised less than any guest, so that the oracle takes another way through the compiler.
    "$native" -O1 -foptimize-sibling-calls -fno-strict-aliasing -ffp-contract=off -fno-math-errno -fwrapv -DGUEST_MAIN "$source" -o "$work/$name" -lm
    "$work/$name" "$test" > "expected/$name.txt"
    echo "$name $(wc -c < "wasm/$name.wasm") bytes"
done

# The threaded guest: a shared memory that the host gives, a stack for every thread inside it.
if [ $# -eq 0 ] || [ "$*" = threads ]; then
    mkdir -p wasm/threads expected/threads
    python3 -m ziglang cc -target wasm32-freestanding -nostdlib -fno-sanitize=undefined -fno-strict-aliasing -O2 -matomics \
        -mbulk-memory -Wall -Wno-unused-function -Wl,--no-entry -Wl,--shared-memory -Wl,--import-memory \
        -Wl,--max-memory=33554432 -Wl,-z,stack-size=65536 -Wl,--strip-debug src/threads/threads.c -o "$work/threads.wasm"
    mv "$work/threads.wasm" wasm/threads/threads.wasm
    "$CC" -O1 -fno-strict-aliasing -DTHREADS_MAIN src/threads/threads.c -o "$work/threads" -lpthread
    for run in '1 1000' '2 1000' '4 500'; do
        # shellcheck disable=SC2086  # two numbers
        "$work/threads" $run > "expected/threads/$(echo "$run" | tr ' ' x).txt"
    done
fi
