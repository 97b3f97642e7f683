#!/bin/sh
# ThreadSanitizer over everything that shares something between threads: the programs of c-tests/ on a library built for it, and the
# library's own tests that start threads, with the optimizing compiler installing code meanwhile.
#   tsan.sh [PROGRAM ...]       (all, and the tests; or only these of c-tests/)
# Needs clang and rustup's component rust-src: the standard library is built for it too, or its locks would be invisible. Handlers run in a loop,
# as instrumented code makes no tail calls; system calls go through the C library, where they are seen (a mapping that takes the place of
# another thread's would be taken for its memory). Machine code is not instrumented: what it does is not seen, what is done to it is.
# Some programs cannot run under it, see below. Everything else must pass without a report.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
host=$(rustc -vV | sed -n 's/^host: //p')
target=${CARGO_TARGET_DIR:-$here/target}
out=$target/tsan
runtime=$(rustc --print sysroot)/lib/rustlib/$host/lib/librustc-stable_rt.tsan.a
[ -e "$runtime" ] || runtime=$(echo "$(dirname "$runtime")"/librustc-*_rt.tsan.a)
mkdir -p "$out"
cd "$here"
export RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Zsanitizer=thread --cfg rustix_use_libc'
export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=0 exitcode=66 allocator_may_return_null=1}"
build="-Zbuild-std --target $host --no-default-features --features full,loop-dispatch"

# shellcheck disable=SC2086  # several words
cargo rustc $build --lib --crate-type cdylib
cp "$target/$host/debug/libwasm.so" "$out/"

# ext_heap, ext_signals: bounds on the address space, of which the sanitizer takes more. host_fork: threads after a fork. host_signals, host_step: it
# puts handlers off, and has its own stack for them.
failed=
for source in c-tests/*.c; do
    name=$(basename "$source" .c)
    case " ${*:-$name} " in *" $name "*) ;; *) continue ;; esac
    case $name in ext_heap | ext_signals | host_fork | host_signals | host_step) continue ;; esac
    clang -std=c11 -O1 -g -fsanitize=thread -pthread -Iinclude -c "$source" -o "$out/$name.o"
    clang "$out/$name.o" -o "$out/$name" -Wl,--whole-archive "$runtime" -Wl,--no-whole-archive -Wl,--export-dynamic -L"$out" -lwasm \
        -Wl,-rpath,"$out" -lpthread -ldl -lm -lrt
    if MACHINE_CODE=1 "$out/$name" > "$out/$name.log" 2>&1; then
        echo "$name: $(tail -n 1 "$out/$name.log")"
    else
        echo "$name: FAILED, see $out/$name.log"
        failed="$failed $name"
    fi
done

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2086  # several words
    cargo test $build --lib --test guests_threads || failed="$failed tests"
fi
[ -z "$failed" ]
