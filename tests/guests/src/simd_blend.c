/* Pixels by sixteens: alpha blending through 16-bit lanes, saturated brightening, box blur by averages, thresholds. */
#include "simd.h"

#define SIZE 4096
static uint8_t front[SIZE], back[SIZE], out[SIZE];

static NOINLINE void blend(uint16_t alpha) {
    V a = u16x8_splat(alpha), b = u16x8_splat((uint16_t)(256 - alpha));
    for (int i = 0; i < SIZE; i += 16) {
        V f = u8x16_load(front + i), g = u8x16_load(back + i);
        V low = u16x8_shr(u16x8_add(u16x8_mul(u16x8_widen_low(f), a), u16x8_mul(u16x8_widen_low(g), b)), 8);
        V high = u16x8_shr(u16x8_add(u16x8_mul(u16x8_widen_high(f), a), u16x8_mul(u16x8_widen_high(g), b)), 8);
        v_store(out + i, u8x16_narrow(low, high));
    }
}
static NOINLINE void adjust(uint8_t more, uint8_t less) {
    V m = u8x16_splat(more), l = u8x16_splat(less), low = u8x16_splat(16), high = u8x16_splat(235);
    for (int i = 0; i < SIZE; i += 16) {
        V v = u8x16_sub_sat(u8x16_add_sat(u8x16_load(out + i), m), l);
        v_store(out + i, u8x16_min(u8x16_max(v, low), high));
    }
}
static NOINLINE void blur(void) {
    V last = u8x16_splat(0);
    for (int i = 0; i < SIZE; i += 16) {
        V v = u8x16_load(out + i), before = v_byte_shift(last, v, 15);
        v_store(front + i, u8x16_avgr(u8x16_avgr(v, before), u8x16_load(back + i)));
        last = v;
    }
}
static NOINLINE uint32_t threshold(uint8_t at) {
    V t = u8x16_splat(at), one = u8x16_splat(1);
    uint32_t n = 0;
    for (int i = 0; i < SIZE; i += 16) {
        V v = u8x16_load(front + i), above = u8x16_eq(u8x16_max(v, t), v);
        n += (uint32_t)__builtin_popcount(u8x16_bitmask(above));
        v_store(back + i, v_select(u8x16_add(v, one), u8x16_sub(v, one), above));
    }
    return n;
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < SIZE; i++) front[i] = (uint8_t)random_u32(), back[i] = (uint8_t)(i * 7);
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 5; pass++) {
        blend((uint16_t)(pass * 37 % 257));
        adjust((uint8_t)(pass % 40), (uint8_t)(pass % 23));
        blur();
        uint32_t n = threshold(128);
        if (pass == 0) print("%u above, %02x %02x %02x\n", n, out[5], front[77], back[4095]);
        sum = mix(sum, n + out[pass % SIZE]);
    }
    return mix_bytes(sum, front, SIZE);
}
