#!/bin/sh
# The stripped size of the shared library in each configuration against its budget (budgets.txt); fails when one is exceeded.
#   size.sh [--top] [default|lean|full ...]      (all that budgets.txt lists when none is named)
# --top adds what each library is made of. SIZE_PROFILE picks another cargo profile than release.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
profile=${SIZE_PROFILE:-release}
target=${CARGO_TARGET_DIR:-$root/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

top=
if [ "${1:-}" = --top ]; then top=yes && shift; fi
rows() { grep -v '^#' "$here/budgets.txt" | grep -v '^ *$'; }
# shellcheck disable=SC2046  # the names are words
if [ $# -eq 0 ]; then set -- $(rows | cut -d' ' -f1); fi

status=0
printf '%-10s %12s %12s %8s %12s\n' build bytes budget used goal
for build in "$@"; do
    row=$(rows | grep "^$build ") || { echo "unknown build $build" >&2; exit 2; }
    # shellcheck disable=SC2086  # the flags are words, or none
    set_row() { budget=$2 goal=$3; shift 3; flags=$*; }
    # shellcheck disable=SC2086
    set_row $row
    # shellcheck disable=SC2086
    (cd "$root" && cargo rustc --quiet --profile "$profile" --lib --crate-type cdylib $flags)
    cp "$target/$profile/libwasm.so" "$work/$build.so"
    strip -o "$work/$build.stripped.so" "$work/$build.so"
    bytes=$(wc -c < "$work/$build.stripped.so")
    printf '%-10s %12d %12d %7d%% %12d\n' "$build" "$bytes" "$budget" $((bytes * 100 / budget)) "$goal"
    if [ "$bytes" -gt "$budget" ]; then
        status=1
        top_of=yes
    else
        top_of=$top
    fi
    if [ -n "$top_of" ]; then python3 "$here/top.py" "$work/$build.so"; fi
done
exit $status
