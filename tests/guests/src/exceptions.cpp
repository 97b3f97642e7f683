/* C++ exceptions through the engine's own: thrown across frames, caught and thrown again, with destructors on the way. */
#include "guest.h"

#ifdef __wasm__
/* The part of a C++ runtime that this program needs. Only integers are thrown and everything is caught by `...`, so
 * that no type is ever compared. */
extern "C" {
__asm__(".tagtype __cpp_exception i32\n.globl __cpp_exception\n__cpp_exception:\n");
static int32_t thrown[64];
static uint32_t thrown_used, caught_used;
static void *caught[64];
LIBCALL void *__cxa_begin_catch(void *e) { return caught[caught_used++] = e; }
LIBCALL void __cxa_end_catch(void) { caught_used--; }
LIBCALL void __cxa_rethrow(void) { __builtin_wasm_throw(0, caught[caught_used - 1]); }
LIBCALL void _ZSt9terminatev(void) { __builtin_trap(); }
}
[[noreturn]] static NOINLINE void raise(int32_t v) {
    int32_t *cell = &thrown[thrown_used++ & 63];
    *cell = v;
    __builtin_wasm_throw(0, cell);
}
#else
[[noreturn]] static NOINLINE void raise(int32_t v) { throw v; }
#endif

/* What was thrown travels beside the exception, since handlers do not name types. */
static int32_t value;
static uint64_t trace;
static uint32_t live;

struct Guard {
    int32_t id;
    explicit Guard(int32_t id) : id(id) { live++; }
    ~Guard() {
        live--;
        trace = mix(trace, (uint32_t)id);
    }
};

static NOINLINE int32_t checked(int32_t n) {
    if (n % 7 == 3) raise(value = n);
    return n * 2;
}
static NOINLINE int32_t nested(int32_t depth, int32_t n) {
    Guard guard(depth);
    if (depth == 0) return checked(n);
    return nested(depth - 1, n) + 1;
}
static NOINLINE int32_t translated(int32_t n) {
    try {
        return nested(5, n);
    } catch (...) {
        Guard guard(100);
        if (value % 2) throw;
        value += 1000;
    }
    return -value;
}
static NOINLINE int32_t retried(int32_t n) {
    int32_t tries = 0;
    for (;; n++) {
        try {
            Guard guard(200 + tries);
            return translated(n) * 10 + tries;
        } catch (...) {
            tries++;
            trace = mix(trace, (uint64_t)value << 8);
        }
    }
}
static NOINLINE int32_t from_handler(int32_t n) {
    try {
        try {
            return checked(n);
        } catch (...) {
            try {
                raise(value = n + 1);
            } catch (...) {
                trace = mix(trace, 5);
            }
            raise(value = n + 2);
        }
    } catch (...) {
        return value;
    }
}
typedef int32_t (*Way)(int32_t);

static uint64_t guest(int32_t scale) {
    static const Way ways[] = {checked, translated, retried, from_handler};
    uint64_t sum = 0;
    uint32_t failures = 0;
    for (int32_t i = 0; i < scale * 20; i++) {
        try {
            sum = mix(sum, (uint32_t)ways[i & 3](i));
        } catch (...) {
            failures++;
            sum = mix(sum, (uint32_t)value);
        }
        CHECK(live == 0);
    }
    print("%u failures, %016llx\n", failures, (unsigned long long)trace);
    return mix(sum, trace);
}
