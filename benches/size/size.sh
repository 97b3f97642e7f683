#!/bin/sh
# The stripped size of the shared library in each configuration against its budget; fails when one is exceeded.
#   size.sh [default|lean|full ...]      (all that the package offers when none is named)
# MB are millions of bytes. SIZE_PROFILE picks another cargo profile than release.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
profile=${SIZE_PROFILE:-release}
target=${CARGO_TARGET_DIR:-$root/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
    set -- default lean
    if grep -q '^full *=' "$root/Cargo.toml"; then set -- "$@" full; fi
fi

status=0
printf '%-10s %12s %12s %8s\n' build bytes budget used
for build in "$@"; do
    case $build in
    default) flags='--no-default-features --features library' budget=2200000 ;; # every core proposal, WASI, text
    lean) flags='--no-default-features' budget=1100000 ;;                       # the interpreter alone
    full) flags='--features full' budget=3500000 ;;                            # with text, components and debug information
    *) echo "unknown build $build" >&2; exit 2 ;;
    esac
    # shellcheck disable=SC2086  # the flags are words, or none
    (cd "$root" && cargo rustc --quiet --profile "$profile" --lib --crate-type cdylib $flags)
    cp "$target/$profile/libwasm.so" "$work/$build.so"
    strip "$work/$build.so"
    bytes=$(wc -c < "$work/$build.so")
    printf '%-10s %12d %12d %7d%%\n' "$build" "$bytes" "$budget" $((bytes * 100 / budget))
    if [ "$bytes" -gt "$budget" ]; then status=1; fi
done
exit $status
