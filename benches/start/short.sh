#!/bin/sh
# Programs that run for less than 50 ms, as whole processes: `wasmx` against another command line with and without its cache.
#   short.sh COMPARE WASMX WASMTIME [REPETITIONS]
# The guests of tests/guests as commands, built with the C compiler of PyPI's ziglang, at a tiny scale and at one of milliseconds.
set -eu
compare=$1 wasmx=$2 wasmtime=$3 reps=${4:-9}
guests=$(cd "$(dirname "$0")/../../tests/guests" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
set --
for name in fib sieve nbody matmul sha256 hashmap json lz binary_trees nqueens regex bytecode_switch quicksort; do
    # shellcheck disable=SC2046  # the flags are several words
    python3 -m ziglang cc -target wasm32-wasi -mcpu=mvp+mutable_globals+sign_ext+nontrapping_fptoint+bulk_memory -DGUEST_MAIN \
        -fno-sanitize=undefined -fno-strict-aliasing -ffp-contract=off -fno-math-errno -O2 -s \
        $(grep "^$name " "$guests/guests.txt" | cut -s -f2- -d- | sed '/./s/^/-/') "$guests/src/$name.c" -o "$work/$name.wasm"
    for scale in 1 20; do
        set -- "$@" "$wasmx run $work/$name.wasm $scale" "$wasmtime run -C cache=n $work/$name.wasm $scale" \
            "$wasmtime run -C cache=y $work/$name.wasm $scale"
    done
done
"$compare" --start --reps "$reps" "$@"
