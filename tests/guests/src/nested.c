/* Six nested loops with cheap bodies, Collatz chains, and a digit loop: nothing but integer control flow. */
#include "guest.h"

static NOINLINE uint32_t six_deep(uint32_t n) {
    uint32_t x = 0;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < n; b++)
            for (uint32_t c = 0; c < n; c++)
                for (uint32_t d = 0; d < n; d++)
                    for (uint32_t e = 0; e < n; e++)
                        for (uint32_t f = 0; f < n; f++) x = (x << 1 | x >> 31) ^ (a + b * c - d + e * f);
    return x;
}
static NOINLINE uint32_t longest_collatz(uint32_t from, uint32_t to) {
    uint32_t best = 0, best_at = 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t steps = 0;
        for (uint64_t n = i; n != 1; steps++) n = n & 1 ? 3 * n + 1 : n >> 1;
        if (steps > best) best = steps, best_at = i;
    }
    return best_at * 1000 + best;
}
static NOINLINE uint32_t happy(uint32_t limit) {
    uint32_t count = 0;
    for (uint32_t i = 1; i <= limit; i++) {
        uint32_t n = i;
        while (n != 1 && n != 4) {
            uint32_t s = 0;
            for (; n; n /= 10) s += (n % 10) * (n % 10);
            n = s;
        }
        count += n == 1;
    }
    return count;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        uint32_t x = six_deep(6 + (uint32_t)(i & 1)), y = longest_collatz((uint32_t)i + 1, (uint32_t)i + 1500), z = happy(1500);
        if (i == 0) print("%u %u %u\n", x, y, z);
        sum = mix(sum, x + ((uint64_t)y << 20) + z);
    }
    return sum;
}
