#!/bin/sh
# Programs that a generator wrote in C, compiled with vector instructions at -O2 and -O3, against the same programs compiled natively
# for another processor with the sizes of wasm32: each must print the same checksum however it is run.
#   generated-c.sh [COUNT [SEED]]       (100 programs from seed 1)
# Needs csmith and its headers (packages csmith, libcsmith-dev), PyPI's ziglang, and a kernel that runs 32-bit programs. What differs is kept in
# findings/c-SEED/. Programs that do not compile, as
# csmith makes some, or do not end within ten seconds natively are skipped, and counted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
count=${1:-100} seed=${2:-1}
headers=${CSMITH_HEADERS:-/usr/include/csmith}
target=${CARGO_TARGET_DIR:-$here/../target}
if [ -z "${WASMX:-}" ]; then
    cargo build --quiet --release --manifest-path "$here/../Cargo.toml" --bin wasmx
    WASMX="$target/release/wasmx"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() {
    python3 -m ziglang cc -w -Wno-error=incompatible-pointer-types -fno-sanitize=undefined -fno-strict-aliasing -fwrapv -ffp-contract=off -I"$headers" "$@"
}

ran=0 skipped=0 differ=0
last=$((seed + count))
while [ "$seed" -lt "$last" ]; do
    # Large expressions and blocks and many parameters press on registers; every third program has floats too.
    float=
    [ $((seed % 3)) -ne 0 ] || float=--float
    # It leaves a file about the platform where it runs.
    (cd "$work" && timeout 30 csmith --seed "$seed" $float --max-funcs 8 --max-expr-complexity 20 --max-block-size 6 --max-array-len-per-dim 12 \
        --no-packed-struct > p.c) || : > "$work/p.c"
    if ! compile -target x86-linux-musl -O1 "$work/p.c" -o "$work/native" 2> "$work/errors" ||
        ! timeout 10 "$work/native" > "$work/expected" 2>&1; then
        skipped=$((skipped + 1)) seed=$((seed + 1))
        continue
    fi
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
    ran=$((ran + 1)) seed=$((seed + 1))
done
echo "$ran programs, 6 runs each: $differ runs differ; $skipped programs skipped"
[ "$differ" -eq 0 ]
