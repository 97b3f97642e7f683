/* 32-bit rotations and additions: SHA-256 of known strings and of a growing message. */
#include "guest.h"

static uint32_t constants[64], initial[8];

/* The constants are the fractional bits of roots of the first primes; computing them beats copying a table. */
static uint32_t root_bits(uint32_t prime, int degree) {
    /* The largest x with x^degree <= prime * 2^(32 * degree), bit by bit, in 128-bit steps. */
    uint64_t x = 0;
    for (int bit = 35; bit >= 0; bit--) {
        uint64_t y = x | 1ull << bit;
        unsigned __int128 square = (unsigned __int128)y * y;
        bool fits;
        if (degree == 2) {
            fits = square <= (unsigned __int128)prime << 64;
        } else {
            /* y^3 <= prime << 96, compared after dropping 32 bits of the square in a split product. */
            unsigned __int128 high = (square >> 32) * y, low = (uint64_t)(uint32_t)square * (unsigned __int128)y;
            fits = high + (low >> 32) < (unsigned __int128)prime << 64;
        }
        if (fits) x = y;
    }
    return (uint32_t)x;
}
static void make_constants(void) {
    uint32_t n = 0;
    for (uint32_t p = 2; n < 64; p++) {
        bool prime = true;
        for (uint32_t d = 2; d * d <= p; d++) prime &= p % d != 0;
        if (!prime) continue;
        if (n < 8) initial[n] = root_bits(p, 2);
        constants[n++] = root_bits(p, 3);
    }
}

static inline uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }
static NOINLINE void compress(uint32_t *state, const uint8_t *block) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++) w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[i - 7] + (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
    }
    for (int i = 0; i < 8; i++) s[i] = state[i];
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = s[7] + (rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + w[i];
        uint32_t t2 = (rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        for (int k = 7; k > 0; k--) s[k] = s[k - 1];
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) state[i] += s[i];
}
static void sha256(const uint8_t *data, uint32_t len, uint32_t *state) {
    for (int i = 0; i < 8; i++) state[i] = initial[i];
    uint32_t at = 0;
    for (; at + 64 <= len; at += 64) compress(state, data + at);
    uint8_t last[128] = {0};
    uint32_t rest = len - at, blocks = rest < 56 ? 1 : 2;
    memcpy(last, data + at, rest);
    last[rest] = 0x80;
    for (int i = 0; i < 8; i++) last[blocks * 64 - 1 - (uint32_t)i] = (uint8_t)((uint64_t)len * 8 >> (8 * i));
    for (uint32_t b = 0; b < blocks; b++) compress(state, last + 64 * b);
}

static uint64_t guest(int32_t scale) {
    static const char *const samples[] = {"", "abc", "The quick brown fox jumps over the lazy dog, and then it does so again and again."};
    static uint8_t message[4096];
    uint32_t state[8];
    make_constants();
    for (uint32_t i = 0; i < COUNT(samples); i++) {
        sha256((const uint8_t *)samples[i], (uint32_t)strlen(samples[i]), state);
        for (int k = 0; k < 8; k++) print("%08x", state[k]);
        print("\n");
    }
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)random_u32();
        sha256(message, (uint32_t)sizeof message - (uint32_t)(pass % 130), state);
        sum = mix(sum, (uint64_t)state[0] << 32 | state[7]);
    }
    return sum;
}
