/* Sums by pairwise widening: Adler-like checksums, bit counts, xor folds, and 16-bit dot products. */
#include "simd.h"

#define SIZE 8192
static uint8_t data[SIZE];
static int16_t taps[64], signal[1024 + 64];

static NOINLINE uint32_t adler(const uint8_t *p, uint32_t n) {
    static const int16_t weights_low[8] = {16, 15, 14, 13, 12, 11, 10, 9}, weights_high[8] = {8, 7, 6, 5, 4, 3, 2, 1};
    V wl = u8x16_load(weights_low), wh = u8x16_load(weights_high);
    uint32_t a = 1, b = 0;
    for (uint32_t i = 0; i < n; i += 16) {
        V v = u8x16_load(p + i), s = i32x4_pairwise(u16x8_pairwise(v));
        V w = i32x4_add(i32x4_dot(u16x8_widen_low(v), wl), i32x4_dot(u16x8_widen_high(v), wh));
        b = (b + 16 * a + (uint32_t)(i32x4_lane(w, 0) + i32x4_lane(w, 1) + i32x4_lane(w, 2) + i32x4_lane(w, 3))) % 65521;
        a = (a + (uint32_t)(i32x4_lane(s, 0) + i32x4_lane(s, 1) + i32x4_lane(s, 2) + i32x4_lane(s, 3))) % 65521;
    }
    return b << 16 | a;
}
static uint32_t adler_plain(const uint8_t *p, uint32_t n) {
    uint32_t a = 1, b = 0;
    while (n--) a = (a + *p++) % 65521, b = (b + a) % 65521;
    return b << 16 | a;
}
static NOINLINE uint32_t bits(const uint8_t *p, uint32_t n) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i += 16) {
        V s = i32x4_pairwise(u16x8_pairwise(u8x16_popcnt(u8x16_load(p + i))));
        total += (uint32_t)(i32x4_lane(s, 0) + i32x4_lane(s, 1) + i32x4_lane(s, 2) + i32x4_lane(s, 3));
    }
    return total;
}
static NOINLINE uint64_t filter(void) {
    uint64_t h = 0;
    for (int i = 0; i < 1024; i += 4) {
        V acc = u8x16_splat(0), scaled = u8x16_splat(0);
        for (int k = 0; k < 64; k += 8) {
            V s = u8x16_load(signal + i + k), t = u8x16_load(taps + k);
            acc = i32x4_add(acc, i32x4_dot(s, t));
            scaled = v_xor(u16x8_add(scaled, i16x8_q15mulr(s, t)), v_andnot(s, t));
        }
        h = mix(h, (uint32_t)(i32x4_lane(acc, 0) + i32x4_lane(acc, 2)) + (uint64_t)(uint32_t)(i32x4_lane(acc, 1) ^ i32x4_lane(acc, 3)) + (uint32_t)i32x4_lane(scaled, 1));
    }
    return h;
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < SIZE; i++) data[i] = (uint8_t)random_u32();
    for (int i = 0; i < 64; i++) taps[i] = (int16_t)(random_u32() >> 19);
    for (int i = 0; i < 1088; i++) signal[i] = (int16_t)(random_u32() >> 18) - 4096;
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 3; pass++) {
        uint32_t a = adler(data, SIZE), b = bits(data, SIZE);
        uint64_t f = filter();
        if (pass == 0) CHECK(a == adler_plain(data, SIZE)), print("%08x, %u bits, %016llx\n", a, b, (unsigned long long)f);
        sum = mix(sum, a + b + f);
        data[pass % SIZE] += (uint8_t)a, signal[pass % 1024] ^= (int16_t)pass;
    }
    return sum;
}
