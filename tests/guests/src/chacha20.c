/* 32-bit add, xor, rotate on sixteen live values: the ChaCha20 stream cipher and SipHash-2-4. */
#include "guest.h"

static inline uint32_t rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }
#define QUARTER(a, b, c, d)                                                                  \
    (x[a] += x[b], x[d] = rotl(x[d] ^ x[a], 16), x[c] += x[d], x[b] = rotl(x[b] ^ x[c], 12), \
     x[a] += x[b], x[d] = rotl(x[d] ^ x[a], 8), x[c] += x[d], x[b] = rotl(x[b] ^ x[c], 7))

static NOINLINE void block(const uint32_t *key, uint32_t counter, const uint32_t *nonce, uint8_t *out) {
    uint32_t start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1], key[2], key[3],
                          key[4],     key[5],     key[6],     key[7],     counter, nonce[0], nonce[1], nonce[2]};
    uint32_t x[16];
    for (int i = 0; i < 16; i++) x[i] = start[i];
    for (int i = 0; i < 10; i++) {
        QUARTER(0, 4, 8, 12), QUARTER(1, 5, 9, 13), QUARTER(2, 6, 10, 14), QUARTER(3, 7, 11, 15);
        QUARTER(0, 5, 10, 15), QUARTER(1, 6, 11, 12), QUARTER(2, 7, 8, 13), QUARTER(3, 4, 9, 14);
    }
    for (int i = 0; i < 16; i++) {
        uint32_t v = x[i] + start[i];
        for (int k = 0; k < 4; k++) out[4 * i + k] = (uint8_t)(v >> (8 * k));
    }
}

static inline uint64_t rotl64(uint64_t x, int n) { return x << n | x >> (64 - n); }
static NOINLINE uint64_t siphash(uint64_t k0, uint64_t k1, const uint8_t *p, uint32_t n) {
    uint64_t v0 = k0 ^ 0x736f6d6570736575ull, v1 = k1 ^ 0x646f72616e646f6dull, v2 = k0 ^ 0x6c7967656e657261ull, v3 = k1 ^ 0x7465646279746573ull;
#define ROUND                                                              \
    (v0 += v1, v1 = rotl64(v1, 13) ^ v0, v0 = rotl64(v0, 32), v2 += v3,    \
     v3 = rotl64(v3, 16) ^ v2, v0 += v3, v3 = rotl64(v3, 21) ^ v0,         \
     v2 += v1, v1 = rotl64(v1, 17) ^ v2, v2 = rotl64(v2, 32))
    uint64_t last = (uint64_t)n << 56;
    for (uint32_t at = 0; at <= n; at += 8) {
        uint64_t m = 0;
        for (uint32_t k = 0; k < 8 && at + k < n; k++) m |= (uint64_t)p[at + k] << (8 * k);
        if (at + 8 > n) m |= last;
        v3 ^= m;
        ROUND, ROUND;
        v0 ^= m;
    }
    v2 ^= 255;
    ROUND, ROUND, ROUND, ROUND;
    return v0 ^ v1 ^ v2 ^ v3;
}

static uint64_t guest(int32_t scale) {
    uint32_t key[8], nonce[3] = {0x09000000, 0x4a000000, 0};
    for (uint32_t i = 0; i < 8; i++) key[i] = (i * 4) | (i * 4 + 1) << 8 | (i * 4 + 2) << 16 | (i * 4 + 3) << 24;
    uint8_t stream[64];
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale * 100; i++) {
        block(key, (uint32_t)i + 1, nonce, stream);
        if (i == 0) {
            for (int k = 0; k < 64; k++) print("%02x", stream[k]);
            print("\n");
        }
        uint64_t h = siphash(0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull, stream, (uint32_t)(i % 64));
        sum = mix(sum, h);
    }
    return sum;
}
