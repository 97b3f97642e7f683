/* Strings by sixteens: length, byte counts, substring search by first and last byte, classification by swizzled tables. */
#include "simd.h"

#define SIZE 8192
static uint8_t text[SIZE + 64];

static NOINLINE uint32_t length(const uint8_t *s) {
    V zero = u8x16_splat(0);
    for (uint32_t n = 0;; n += 16) {
        uint32_t m = u8x16_bitmask(u8x16_eq(u8x16_load(s + n), zero));
        if (m) return n + (uint32_t)__builtin_ctz(m);
    }
}
static NOINLINE uint32_t count(const uint8_t *s, uint32_t n, uint8_t c) {
    V wanted = u8x16_splat(c);
    uint32_t total = 0;
    for (uint32_t i = 0; i + 16 <= n; i += 16) total += (uint32_t)__builtin_popcount(u8x16_bitmask(u8x16_eq(u8x16_load(s + i), wanted)));
    for (uint32_t i = n & ~15u; i < n; i++) total += s[i] == c;
    return total;
}
static NOINLINE uint32_t occurrences(const uint8_t *s, uint32_t n, const char *needle) {
    uint32_t m = (uint32_t)strlen(needle), total = 0;
    V first = u8x16_splat((uint8_t)needle[0]), last = u8x16_splat((uint8_t)needle[m - 1]);
    for (uint32_t i = 0; i < n; i += 16) {
        V a = u8x16_eq(u8x16_load(s + i), first), b = u8x16_eq(u8x16_load(s + i + m - 1), last);
        for (uint32_t found = u8x16_bitmask(v_and(a, b)); found; found &= found - 1) {
            uint32_t at = i + (uint32_t)__builtin_ctz(found);
            total += at + m <= n && memcmp(s + at, needle, m) == 0;
        }
    }
    return total;
}
/* A byte is a vowel when the bit its low half selects meets the bit its high half selects. */
static NOINLINE uint32_t vowels(const uint8_t *s, uint32_t n) {
    uint8_t low[16] = {0}, high[16] = {0};
    for (const char *v = "aeiou"; *v; v++) low[*v & 15] |= *v >> 4 == 6 ? 1 : 2, high[*v >> 4] |= *v >> 4 == 6 ? 1 : 2;
    V lows = u8x16_load(low), highs = u8x16_load(high), nibble = u8x16_splat(15), zero = u8x16_splat(0);
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i += 16) {
        V v = u8x16_load(s + i);
        V h = v_and(u16x8_shr(v, 4), nibble);
        V hit = v_and(u8x16_swizzle(lows, v_and(v, nibble)), u8x16_swizzle(highs, h));
        total += 16 - (uint32_t)__builtin_popcount(u8x16_bitmask(u8x16_eq(hit, zero)));
    }
    return total;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 3; pass++) {
        uint32_t n = SIZE - (uint32_t)pass % 50;
        if (pass % 10 == 0)
            for (uint32_t i = 0; i < SIZE; i++) text[i] = (uint8_t)("etaoin shrdlu"[random_u32() % 13]);
        memset(text + n, 0, SIZE + 64 - n);
        uint32_t l = length(text), e = count(text, n, 'e'), o = occurrences(text, n, "the") + occurrences(text, n, "in s"), v = vowels(text, n);
        CHECK(l == n);
        if (pass == 0) print("%u bytes, %u e, %u found, %u vowels\n", l, e, o, v);
        sum = mix(sum, l + e * 3ull + o * 100000ull + v);
        text[(uint32_t)sum % n] = 'e';
    }
    return sum;
}
