/* Every 64-bit integer operation, and the 32-bit ones beside it, on edge values and on random ones. */
#include "guest.h"

static const uint64_t edges[] = {0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000ull,
                                 0x7fffffffffffffffull, 0x8000000000000000ull, 0xffffffffffffffffull, 0x0123456789abcdefull};

static NOINLINE uint64_t all64(uint64_t a, uint64_t b) {
    uint64_t h = 0;
    int64_t s = (int64_t)a, t = (int64_t)b;
    h = mix(h, a + b), h = mix(h, a - b), h = mix(h, a * b), h = mix(h, a & b), h = mix(h, a | b), h = mix(h, a ^ b);
    if (b) h = mix(h, a / b), h = mix(h, a % b);
    if (b && !(a == 1ull << 63 && t == -1)) h = mix(h, (uint64_t)(s / t)), h = mix(h, (uint64_t)(s % t));
    h = mix(h, a << (b & 63)), h = mix(h, a >> (b & 63)), h = mix(h, (uint64_t)(s >> (b & 63)));
    h = mix(h, a << (b & 63) | a >> (-b & 63)), h = mix(h, a >> (b & 63) | a << (-b & 63));
    h = mix(h, (a < b) | (a > b) << 1 | (a <= b) << 2 | (a >= b) << 3 | (s < t) << 4 | (s > t) << 5 | (s <= t) << 6 | (s >= t) << 7 | (a == b) << 8 | (a != b) << 9 | !a << 10);
    if (a) h = mix(h, (uint64_t)(__builtin_clzll(a) + 64 * __builtin_ctzll(a)));
    h = mix(h, (uint64_t)__builtin_popcountll(a));
    h = mix(h, (uint64_t)(int64_t)(int8_t)a), h = mix(h, (uint64_t)(int64_t)(int16_t)a), h = mix(h, (uint64_t)(int64_t)(int32_t)a);
    return h;
}
static NOINLINE uint64_t all32(uint32_t a, uint32_t b) {
    uint64_t h = 0;
    int32_t s = (int32_t)a, t = (int32_t)b;
    h = mix(h, a + b), h = mix(h, a - b), h = mix(h, a * b), h = mix(h, a & b), h = mix(h, a | b), h = mix(h, a ^ b);
    if (b) h = mix(h, a / b), h = mix(h, a % b);
    if (b && !(a == 1u << 31 && t == -1)) h = mix(h, (uint32_t)(s / t)), h = mix(h, (uint32_t)(s % t));
    h = mix(h, a << (b & 31)), h = mix(h, a >> (b & 31)), h = mix(h, (uint32_t)(s >> (b & 31)));
    h = mix(h, a << (b & 31) | a >> (-b & 31)), h = mix(h, a >> (b & 31) | a << (-b & 31));
    h = mix(h, (a < b) | (a > b) << 1 | (a <= b) << 2 | (a >= b) << 3 | (s < t) << 4 | (s > t) << 5 | (s <= t) << 6 | (s >= t) << 7);
    if (a) h = mix(h, (uint64_t)(__builtin_clz(a) + 32 * __builtin_ctz(a)));
    h = mix(h, (uint64_t)__builtin_popcount(a));
    h = mix(h, (uint32_t)(int32_t)(int8_t)a), h = mix(h, (uint32_t)(int32_t)(int16_t)a), h = mix(h, (uint64_t)(int64_t)s);
    return h;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < COUNT(edges); i++) {
        for (uint32_t j = 0; j < COUNT(edges); j++) sum = mix(sum, all64(edges[i], edges[j]) ^ all32((uint32_t)edges[i], (uint32_t)edges[j]));
        print("%016llx\n", (unsigned long long)sum);
    }
    for (int32_t i = 0; i < scale * 100; i++) {
        uint64_t a = random_u64(), b = random_u64() >> (i & 63);
        sum = mix(sum, all64(a, b) + all32((uint32_t)a, (uint32_t)b));
    }
    return sum;
}
