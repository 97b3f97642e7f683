/* The 128-bit operations the SIMD guests use: WebAssembly's own where there are any, and elsewhere the same results
 * computed lane by lane. Lanes are numbered from the lowest address, as WebAssembly does. */
#ifndef SIMD_H
#define SIMD_H

#include "guest.h"

#ifdef __wasm_simd128__

#include <wasm_simd128.h>
#define u8x16_load(p) wasm_v128_load(p)
#define v_store(p, v) wasm_v128_store(p, v)
#define u8x16_splat(x) wasm_u8x16_splat(x)
#define u8x16_eq(a, b) wasm_i8x16_eq(a, b)
#define u8x16_bitmask(a) ((uint32_t)wasm_i8x16_bitmask(a))
#define u8x16_add(a, b) wasm_i8x16_add(a, b)
#define u8x16_sub(a, b) wasm_i8x16_sub(a, b)
#define u8x16_add_sat(a, b) wasm_u8x16_add_sat(a, b)
#define u8x16_sub_sat(a, b) wasm_u8x16_sub_sat(a, b)
#define u8x16_min(a, b) wasm_u8x16_min(a, b)
#define u8x16_max(a, b) wasm_u8x16_max(a, b)
#define u8x16_avgr(a, b) wasm_u8x16_avgr(a, b)
#define u8x16_swizzle(a, b) wasm_i8x16_swizzle(a, b)
#define u8x16_popcnt(a) wasm_i8x16_popcnt(a)
#define u16x8_splat(x) wasm_u16x8_splat(x)
#define u16x8_widen_low(a) wasm_u16x8_extend_low_u8x16(a)
#define u16x8_widen_high(a) wasm_u16x8_extend_high_u8x16(a)
#define u16x8_mul(a, b) wasm_i16x8_mul(a, b)
#define u16x8_add(a, b) wasm_i16x8_add(a, b)
#define u16x8_shr(a, n) wasm_u16x8_shr(a, n)
#define u8x16_narrow(a, b) wasm_u8x16_narrow_i16x8(a, b)
#define i32x4_dot(a, b) wasm_i32x4_dot_i16x8(a, b)
#define i16x8_q15mulr(a, b) wasm_i16x8_q15mulr_sat(a, b)
#define i32x4_pairwise(a) wasm_i32x4_extadd_pairwise_i16x8(a)
#define u16x8_pairwise(a) wasm_u16x8_extadd_pairwise_u8x16(a)
#define i32x4_add(a, b) wasm_i32x4_add(a, b)
#define i32x4_lane(a, i) wasm_i32x4_extract_lane(a, i)
#define v_and(a, b) wasm_v128_and(a, b)
#define v_or(a, b) wasm_v128_or(a, b)
#define v_xor(a, b) wasm_v128_xor(a, b)
#define v_andnot(a, b) wasm_v128_andnot(a, b)
#define v_any(a) wasm_v128_any_true(a)
#define v_select(a, b, m) wasm_v128_bitselect(a, b, m)
#define v_byte_shift(a, b, n) /* bytes n.. of a followed by b */                                                  \
    wasm_i8x16_shuffle(a, b, n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7, n + 8, n + 9, n + 10, n + 11, n + 12, n + 13, n + 14, n + 15)
typedef v128_t V;

#else

typedef union {
    uint8_t b[16];
    uint16_t h[8];
    int16_t s[8];
    int32_t w[4];
    uint64_t q[2];
} V;
#define LANES(NAME, FIELD, COUNT_, EXPRESSION)     \
    static inline UNUSED V NAME(V a, V b) {        \
        V r;                                       \
        for (int i = 0; i < COUNT_; i++) r.FIELD[i] = (__typeof__(r.FIELD[0]))(EXPRESSION); \
        return r;                                  \
    }
#define LANES1(NAME, FIELD, COUNT_, EXPRESSION)    \
    static inline UNUSED V NAME(V a) {             \
        V r;                                       \
        for (int i = 0; i < COUNT_; i++) r.FIELD[i] = (__typeof__(r.FIELD[0]))(EXPRESSION); \
        return r;                                  \
    }
static inline UNUSED int32_t clamp_to(int32_t v, int32_t low, int32_t high) { return v < low ? low : v > high ? high : v; }
static inline UNUSED V u8x16_load(const void *p) {
    V r;
    memcpy(&r, p, 16);
    return r;
}
static inline UNUSED void v_store(void *p, V v) { memcpy(p, &v, 16); }
static inline UNUSED V u8x16_splat(uint8_t x) {
    V r;
    memset(&r, x, 16);
    return r;
}
static inline UNUSED V u16x8_splat(uint16_t x) {
    V r;
    for (int i = 0; i < 8; i++) r.h[i] = x;
    return r;
}
LANES(u8x16_eq, b, 16, a.b[i] == b.b[i] ? 255 : 0)
LANES(u8x16_add, b, 16, a.b[i] + b.b[i])
LANES(u8x16_sub, b, 16, a.b[i] - b.b[i])
LANES(u8x16_add_sat, b, 16, clamp_to(a.b[i] + b.b[i], 0, 255))
LANES(u8x16_sub_sat, b, 16, clamp_to(a.b[i] - b.b[i], 0, 255))
LANES(u8x16_min, b, 16, a.b[i] < b.b[i] ? a.b[i] : b.b[i])
LANES(u8x16_max, b, 16, a.b[i] > b.b[i] ? a.b[i] : b.b[i])
LANES(u8x16_avgr, b, 16, (a.b[i] + b.b[i] + 1) / 2)
LANES(u8x16_swizzle, b, 16, b.b[i] < 16 ? a.b[b.b[i]] : 0)
LANES1(u8x16_popcnt, b, 16, __builtin_popcount(a.b[i]))
LANES1(u16x8_widen_low, h, 8, a.b[i])
LANES1(u16x8_widen_high, h, 8, a.b[i + 8])
LANES(u16x8_mul, h, 8, (uint32_t)a.h[i] * b.h[i])
LANES(u16x8_add, h, 8, a.h[i] + b.h[i])
LANES(u8x16_narrow, b, 16, clamp_to(i < 8 ? a.s[i] : b.s[i - 8], 0, 255))
LANES(i32x4_dot, w, 4, a.s[2 * i] * b.s[2 * i] + a.s[2 * i + 1] * b.s[2 * i + 1])
LANES(i16x8_q15mulr, s, 8, clamp_to((a.s[i] * b.s[i] + 0x4000) >> 15, -32768, 32767))
LANES1(i32x4_pairwise, w, 4, a.s[2 * i] + a.s[2 * i + 1])
LANES1(u16x8_pairwise, h, 8, a.b[2 * i] + a.b[2 * i + 1])
LANES(i32x4_add, w, 4, (uint32_t)a.w[i] + (uint32_t)b.w[i])
LANES(v_and, q, 2, a.q[i] & b.q[i])
LANES(v_or, q, 2, a.q[i] | b.q[i])
LANES(v_xor, q, 2, a.q[i] ^ b.q[i])
LANES(v_andnot, q, 2, a.q[i] & ~b.q[i])
static inline UNUSED V u16x8_shr(V a, int n) {
    for (int i = 0; i < 8; i++) a.h[i] = (uint16_t)(a.h[i] >> n);
    return a;
}
static inline UNUSED uint32_t u8x16_bitmask(V a) {
    uint32_t m = 0;
    for (int i = 0; i < 16; i++) m |= (uint32_t)(a.b[i] >> 7) << i;
    return m;
}
static inline UNUSED int32_t i32x4_lane(V a, int i) { return a.w[i]; }
static inline UNUSED bool v_any(V a) { return a.q[0] | a.q[1]; }
static inline UNUSED V v_select(V a, V b, V m) {
    for (int i = 0; i < 2; i++) a.q[i] = (a.q[i] & m.q[i]) | (b.q[i] & ~m.q[i]);
    return a;
}
static inline UNUSED V v_byte_shift(V a, V b, int n) {
    V r;
    for (int i = 0; i < 16; i++) r.b[i] = i + n < 16 ? a.b[i + n] : b.b[i + n - 16];
    return r;
}

#endif
#endif
