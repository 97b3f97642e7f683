#!/bin/sh
# Compiles the guest to formula.wasm. Needs `pip install ziglang`; the result is committed, so running the example does
# not.
set -eu
cd "$(dirname "$0")"
exec python3 -m ziglang cc -target wasm32-freestanding -O2 -nostdlib -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=65536 \
    formula.c -o formula.wasm
