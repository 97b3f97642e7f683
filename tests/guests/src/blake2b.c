/* 64-bit add, xor, rotate with a permuted schedule: BLAKE2b-512. */
#include "guest.h"

static const uint64_t iv[8] = {0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
                               0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull};
static const uint8_t sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline uint64_t rotr(uint64_t x, int n) { return x >> n | x << (64 - n); }
static inline void quarter(uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y) {
    v[a] += v[b] + x, v[d] = rotr(v[d] ^ v[a], 32);
    v[c] += v[d], v[b] = rotr(v[b] ^ v[c], 24);
    v[a] += v[b] + y, v[d] = rotr(v[d] ^ v[a], 16);
    v[c] += v[d], v[b] = rotr(v[b] ^ v[c], 63);
}
static NOINLINE void compress(uint64_t *h, const uint8_t *block, uint64_t count, bool last) {
    uint64_t v[16], m[16];
    for (int i = 0; i < 16; i++) {
        m[i] = 0;
        for (int k = 0; k < 8; k++) m[i] |= (uint64_t)block[8 * i + k] << (8 * k);
        v[i] = i < 8 ? h[i] : iv[i - 8];
    }
    v[12] ^= count;
    if (last) v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
        const uint8_t *s = sigma[round % 10];
        for (int i = 0; i < 4; i++) quarter(v, i, 4 + i, 8 + i, 12 + i, m[s[2 * i]], m[s[2 * i + 1]]);
        for (int i = 0; i < 4; i++) quarter(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[s[8 + 2 * i]], m[s[9 + 2 * i]]);
    }
    for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}
static void blake2b(uint64_t *h, const uint8_t *data, uint32_t len) {
    for (int i = 0; i < 8; i++) h[i] = iv[i];
    h[0] ^= 0x01010040;
    uint32_t at = 0;
    for (; len - at > 128; at += 128) compress(h, data + at, at + 128, false);
    uint8_t last[128] = {0};
    memcpy(last, data + at, len - at);
    compress(h, last, len, true);
}

static uint64_t guest(int32_t scale) {
    static uint8_t message[3000];
    uint64_t h[8], sum = 0;
    blake2b(h, (const uint8_t *)"abc", 3);
    for (int i = 0; i < 64; i++) print("%02x", (uint32_t)(h[i / 8] >> (8 * (i % 8)) & 255));
    print("\n");
    for (int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)(i * 7 + (uint32_t)pass);
        blake2b(h, message, (uint32_t)sizeof message - (uint32_t)pass % 300);
        sum = mix(sum, h[0] ^ h[7]);
    }
    return sum;
}
