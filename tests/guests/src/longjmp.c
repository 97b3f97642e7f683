/* setjmp and longjmp as exceptions: errors out of deep recursion, retries, and jumps through frames that also set one. */
#include "guest.h"

#ifdef __wasm__
/* Laid out by runtime/longjmp.c. */
typedef struct {
    void *words[4];
} jmp_buf[1];
int setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);
#else
#include <setjmp.h>
#endif

static jmp_buf on_error, on_retry;
static uint64_t trace;

static NOINLINE uint32_t parse(const char **at, uint32_t depth) {
    uint32_t v = 0;
    if (depth > 20) longjmp(on_error, 3);
    if (**at == '(') {
        (*at)++;
        while (**at != ')') v = v * 10 + parse(at, depth + 1);
        (*at)++;
        return v;
    }
    if (**at < '0' || **at > '9') longjmp(on_error, **at ? 1 : 2);
    return (uint32_t)(*(*at)++ - '0');
}
static NOINLINE int attempt(const char *text, uint32_t *out) {
    volatile uint32_t stage = 1;
    int why = setjmp(on_error);
    if (why) {
        trace = mix(trace, stage * 10 + (uint32_t)why);
        return why;
    }
    const char *at = text;
    uint32_t v = parse(&at, 0);
    stage = 2;
    if (v % 5 == 4) longjmp(on_error, 9);
    stage = 3;
    *out = v;
    return 0;
}
static NOINLINE void descend(uint32_t n) {
    uint32_t ignored;
    if (n == 0) longjmp(on_retry, 7);
    if (n % 3 == 0) attempt("(12", &ignored);
    descend(n - 1);
    trace = mix(trace, n);
}

static uint64_t guest(int32_t scale) {
    static const char *const texts[] = {"5", "(123)", "((1)(2)3)", "(1", "x", "(1(2)y)", "((((((((((((((((((((((1))))))))))))))))))))))", "(14)", "(9(8(7)))"};
    uint64_t sum = 0;
    volatile uint32_t tries = 0;
    for (volatile int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t i = 0; i < COUNT(texts); i++) {
            uint32_t v = 0;
            int why = attempt(texts[i], &v);
            if (pass == 0) print("%d:%u ", why, v);
            sum = mix(sum, v + (uint32_t)why);
        }
        if (setjmp(on_retry) != 0) tries++;
        if (tries % 4 != 3) descend(5 + tries % 6);
        tries++;
    }
    print("\n%u tries, %016llx\n", tries, (unsigned long long)trace);
    return mix(sum, trace);
}
