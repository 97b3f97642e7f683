#!/bin/sh
# Programs that a generator wrote in C, compiled with vector instructions at -O2 and -O3, against the same programs compiled natively
# for another processor with the sizes of wasm32: each must print the same checksum however it is run.
#   generated-c.sh [COUNT [SEED]]       (100 programs from seed 1)
# Needs csmith and its headers (packages csmith, libcsmith-dev), PyPI's ziglang, and a kernel that runs 32-bit programs. What differs is kept in
# findings/c-SEED/. Skipped, and counted, are programs whose generation takes more than half a minute, that do not compile, as csmith makes
# some, or that do not end within four seconds natively. LOG=FILE appends a line for each program when it is done, so that a run which
# is ended early has told what it did; a seed that FILE has already is passed over.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
count=${1:-100} seed=${2:-1} log=${LOG:-/dev/null}
headers=${CSMITH_HEADERS:-/usr/include/csmith}
target=${CARGO_TARGET_DIR:-$here/../target}
if [ -z "${WASMX:-}" ]; then
    cargo build --quiet --release --manifest-path "$here/../Cargo.toml" --bin wasmx
    WASMX="$target/release/wasmx"
fi
work=$(mktemp -d)
ran=0 skipped=0 differ=0
finish() {
    rm -rf "$work"
    echo "$ran programs, 6 runs each: $differ runs differ; $skipped programs skipped"
}
trap finish EXIT
trap 'exit 1' INT TERM

compile() {
    python3 -m ziglang cc -w -Wno-error=incompatible-pointer-types -fno-sanitize=undefined -fno-strict-aliasing -fwrapv -ffp-contract=off -I"$headers" "$@"
}

# Large expressions and blocks and many parameters press on registers; every third program has floats too. Deeper blocks than these make
# programs that take minutes to generate or never end.
generate() {
    float=
    [ $(($1 % 3)) -ne 0 ] || float=--float
    # It leaves a file about the platform where it runs.
    (cd "$work" && timeout 30 csmith --seed "$1" $float --max-funcs 8 --max-expr-complexity 16 --max-block-depth 4 --max-block-size 6 \
        --max-array-len-per-dim 12 --no-packed-struct > p.c)
}

skip() {
    skipped=$((skipped + 1))
    echo "$seed: skipped, $1" >> "$log"
}

# The program of one seed, in `work`, in all six ways.
compare() {
    before=$differ
    for flags in '-O2 -msimd128' '-O3 -msimd128'; do
        # shellcheck disable=SC2086  # several words
        compile -target wasm32-wasi $flags "$work/p.c" -o "$work/p.wasm"
        for tier in interpreter tiering eager; do
            timeout 600 "$WASMX" --tier "$tier" "$work/p.wasm" > "$work/out" 2>&1 || echo "exit $?" >> "$work/out"
            if ! cmp -s "$work/expected" "$work/out"; then
                echo "seed $seed, $flags, $tier: expected $(tail -n 1 "$work/expected"), got $(tail -n 1 "$work/out")"
                mkdir -p "$here/findings/c-$seed"
                cp "$work/p.c" "$work/p.wasm" "$work/expected" "$work/out" "$here/findings/c-$seed/"
                differ=$((differ + 1))
            fi
        done
    done
    ran=$((ran + 1))
    echo "$seed: 6 runs, $((differ - before)) differ; $(wc -c < "$work/p.c") bytes of C, $(wc -c < "$work/p.wasm") of code" >> "$log"
}

last=$((seed + count))
while [ "$seed" -lt "$last" ]; do
    if grep -q "^$seed: " "$log"; then
        :
    elif ! generate "$seed"; then
        skip "the generator did not end"
    elif ! compile -target x86-linux-musl -O1 "$work/p.c" -o "$work/native" 2> "$work/errors"; then
        skip "does not compile"
    elif ! timeout 4 "$work/native" > "$work/expected" 2>&1; then
        skip "does not end natively"
    else
        compare
    fi
    seed=$((seed + 1))
done
[ "$differ" -eq 0 ]
