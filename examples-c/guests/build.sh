#!/bin/sh
# Compiles the guests that are written in C. Needs `pip install ziglang`; the results are committed, so running the examples
# does not.
set -eu
cd "$(dirname "$0")"
cc="python3 -m ziglang cc"

$cc -target wasm32-wasi -Os -s count.c -o count.wasm
for version in 1 2; do
    $cc -target wasm32-freestanding -Os -nostdlib -DVERSION=$version -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=4096 \
        plugin.c -o plugin_v$version.wasm
done
