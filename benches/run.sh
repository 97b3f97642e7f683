#!/bin/sh
# Every benchmark in one go, results in benches/out/: what benches/RESULTS.md is written from.
#   run.sh [REPETITIONS [SCALE]]       (5 and 1.0; SCALE is that of the guest programs)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
reps=${1:-5} scale=${2:-1.0}
target=${CARGO_TARGET_DIR:-$root/target}
out="$here/out"
mkdir -p "$out"

[ -e "$here/peers/libwasmi.so" ] || "$here/fetch-peers.sh"
[ -e "$here/modules/esbuild.wasm" ] || "$here/fetch-modules.sh"
(cd "$root" && cargo rustc --quiet --release --lib --crate-type cdylib --no-default-features --features library)
cp "$target/release/libwasm.so" "$out/libwasm.so"
(cd "$root" && cargo build --quiet --release --bin wasmx)
cargo build --quiet --release --manifest-path "$here/compare/Cargo.toml" --target-dir "$target/compare"
compare="$target/compare/release/compare"

{ uname -srm; grep -m1 'model name' /proc/cpuinfo || true; nproc; "${CC:-cc}" --version | head -1; } > "$out/machine.txt"
# Every peer through the same interface: ours is the shared library too.
"$compare" --reps "$reps" --scale "$scale" --json "$out/programs.json" --svg "$out/chart.svg" > "$out/programs.txt"
"$compare" --load --reps "$reps" --engines libwasm,wasmi,wasmi-eager,wasmtime,winch "$here"/modules/*.wasm > "$out/load.txt"
hello="$here/start/hello.wasm"
"$compare" --start --reps 100 "$target/release/wasmx $hello" "$here/peers/wasmtime $hello" /bin/true > "$out/start.txt"
LIBWASM_SO="$out/libwasm.so" "$here/embed/run.sh" --rounds 9 > "$out/embed.txt"
"$here/instructions/run.sh" > "$out/instructions.txt"
"$here/size/size.sh" --top > "$out/size.txt" || echo "a build is over its budget" >&2
echo "results are in $out"
