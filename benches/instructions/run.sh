#!/bin/sh
# Counts the instructions of a few paths under valgrind, which do not depend on how busy the machine is, and prints how they
# differ from the committed figures (figures.txt).
#   run.sh [--update]            LIBWASM_SO: a library at hand instead of a release build
# The figures are those of one compiler and one C library: another toolchain moves them by a few percent.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out="$here/../out"
mkdir -p "$out"
library=${LIBWASM_SO:-}
if [ -z "$library" ]; then
    (cd "$root" && cargo rustc --quiet --release --lib --crate-type cdylib --no-default-features --features library,wat)
    library=${CARGO_TARGET_DIR:-$root/target}/release/libwasm.so
fi
mkdir -p "$out/lib"
# The name that hosts are linked with (the library's soname), as an installation has it.
cp "$library" "$out/lib/libwasm.so"
soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
[ -z "$soname" ] || [ "$soname" = libwasm.so ] || ln -sf libwasm.so "$out/lib/$soname"
${CC:-cc} -O2 -Wall -Wextra -I"$root/include" "$here/paths.c" -o "$out/paths" -L"$out/lib" -lwasm -Wl,-rpath,"$out/lib"
export GUEST="$root/tests/guests/wasm/json.wasm"

# Instructions of a whole run.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$out/paths" "$1" "$2" 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

figures="$here/figures.txt"
new="$out/figures.txt"
: > "$new"
printf '%-20s %12s %12s %9s\n' path instructions committed change
for path in load-small load-guest store store+instance call-in call-raw call-out call-out-raw loop call-guest \
    machine-call-in machine-call-raw machine-call-out machine-call-out-raw; do
    case $path in
    load-small | store*) few=50 many=250 ;;
    load-guest) few=2 many=12 ;;
    *) few=1000 many=11000 ;;
    esac
    # The first turns translate, fill caches and grow the allocator's lists: they belong to what both runs share.
    each=$((($(count "$path" $many) - $(count "$path" $few)) / (many - few)))
    echo "$path $each" >> "$new"
    before=$(sed -n "s/^$path //p" "$figures" 2>/dev/null || true)
    if [ -n "$before" ] && [ "$before" -gt 0 ]; then
        printf '%-20s %12d %12d %+8d%%\n' "$path" "$each" "$before" $(((each - before) * 100 / before))
    else
        printf '%-20s %12d %12s\n' "$path" "$each" -
    fi
done
if [ "${1:-}" = --update ]; then cp "$new" "$figures"; fi
