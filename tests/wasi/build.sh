#!/bin/sh
# Builds the WASI programs: wasm/NAME.wasm from src/NAME.c, with the C compiler in PyPI's ziglang (pip install
# ziglang==0.17.1). Without arguments all; else those named. What they print natively is in expected/, written by
# `BLESS=1 cargo test --test wasi_guests`. All of it is committed, so that tests need no compiler.
set -eu
cd "$(dirname "$0")"
mkdir -p wasm
for source in src/*.c; do
    name=$(basename "$source" .c)
    if [ $# -gt 0 ]; then
        case " $* " in *" $name "*) ;; *) continue ;; esac
    fi
    python3 -m ziglang cc -target wasm32-wasi -mcpu=mvp+mutable_globals+sign_ext+nontrapping_fptoint+bulk_memory -O2 -s \
        -fno-sanitize=undefined -Wall -Wno-unused-function -Wno-unused-result "$source" -o "wasm/$name.wasm"
    echo "$name $(wc -c < "wasm/$name.wasm") bytes"
done
