#!/bin/sh
# Measures what embedding costs with every library at hand: ours (LIBWASM_SO, or a release build made here), and the
# peers that ../fetch-peers.sh has brought. Arguments go to the program (--rounds N).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out="$here/../out"
mkdir -p "$out"
ours=${LIBWASM_SO:-}
if [ -z "$ours" ]; then
    (cd "$root" && cargo rustc --release --lib --crate-type cdylib)
    ours=${CARGO_TARGET_DIR:-$root/target}/release/libwasm.so
fi
${CC:-cc} -O2 -Wall -Wextra -I"$root/include" "$here/embed.c" -o "$out/embed" -ldl
set -- "$@" "$ours"
for peer in _libwasmtime.so libwasmi.so; do
    if [ -e "$here/../peers/$peer" ]; then set -- "$@" "$here/../peers/$peer"; fi
done
exec "$out/embed" "$@"
