/* Direct calls: the doubly recursive Fibonacci numbers, in 32 and in 64 bits. */
#include "guest.h"

static NOINLINE uint32_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static NOINLINE uint64_t fib64(uint64_t n) { return n < 2 ? n : fib64(n - 1) + fib64(n - 2); }

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        uint32_t a = fib(20 + (uint32_t)(i & 1));
        uint64_t b = fib64(19);
        if (i == 0) print("fib(20) = %u, fib(19) = %llu\n", a, (unsigned long long)b);
        sum = mix(sum, a + b);
    }
    return sum;
}
