/* Deep recursion: Ackermann's function, and mutual recursion between three functions. */
#include "guest.h"

static NOINLINE uint32_t ack(uint32_t m, uint32_t n) {
    if (m == 0) return n + 1;
    if (n == 0) return ack(m - 1, 1);
    return ack(m - 1, ack(m, n - 1));
}

static NOINLINE uint32_t third(uint32_t n, uint32_t acc);
static NOINLINE uint32_t second(uint32_t n, uint32_t acc) { return n ? third(n - 1, acc * 3 + 1) ^ n : acc; }
static NOINLINE uint32_t first(uint32_t n, uint32_t acc) { return n ? second(n - 1, acc * 5 + 7) + n : acc; }
static NOINLINE uint32_t third(uint32_t n, uint32_t acc) { return n ? first(n - 1, acc * 7 + 3) * 9 : acc; }

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        uint32_t a = ack(2, 60 + (uint32_t)(i % 5)), b = ack(3, 4), c = first(900, (uint32_t)i);
        if (i == 0) print("ack(2,60) = %u, ack(3,4) = %u, chain = %u\n", a, b, c);
        sum = mix(sum, a + ((uint64_t)b << 32) + c);
    }
    return sum;
}
