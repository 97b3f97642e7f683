/* Byte tables and xors: AES-128 with a computed S-box, in counter mode. */
#include "guest.h"

static uint8_t sbox[256], round_keys[176];

static inline uint8_t twice(uint8_t x) { return (uint8_t)(x << 1 ^ (x >> 7) * 0x1b); }
static void make_sbox(void) {
    /* p runs through the powers of 3, q through those of its inverse, so that p q = 1 always. */
    uint8_t p = 1, q = 1;
    do {
        p = (uint8_t)(p ^ twice(p));
        q ^= (uint8_t)(q << 1);
        q ^= (uint8_t)(q << 2);
        q ^= (uint8_t)(q << 4);
        if (q & 0x80) q ^= 9;
        uint8_t x = q;
        for (int i = 1; i < 5; i++) x ^= (uint8_t)(q << i | q >> (8 - i));
        sbox[p] = x ^ 0x63;
    } while (p != 1);
    sbox[0] = 0x63;
}
static void expand(const uint8_t *key) {
    memcpy(round_keys, key, 16);
    uint8_t constant = 1;
    for (int i = 16; i < 176; i += 4) {
        uint8_t t[4];
        memcpy(t, round_keys + i - 4, 4);
        if (i % 16 == 0) {
            uint8_t first = t[0];
            t[0] = sbox[t[1]] ^ constant, t[1] = sbox[t[2]], t[2] = sbox[t[3]], t[3] = sbox[first];
            constant = twice(constant);
        }
        for (int k = 0; k < 4; k++) round_keys[i + k] = round_keys[i - 16 + k] ^ t[k];
    }
}
static NOINLINE void encrypt(uint8_t *s) {
    for (int i = 0; i < 16; i++) s[i] ^= round_keys[i];
    for (int round = 1; round <= 10; round++) {
        uint8_t t[16];
        for (int i = 0; i < 16; i++) t[i] = sbox[s[(i + 4 * (i % 4)) % 16]];
        for (int c = 0; c < 16; c += 4) {
            uint8_t all = t[c] ^ t[c + 1] ^ t[c + 2] ^ t[c + 3];
            for (int r = 0; r < 4; r++) {
                uint8_t v = t[c + r];
                if (round < 10) v ^= all ^ twice(t[c + r] ^ t[c + (r + 1) % 4]);
                s[c + r] = v ^ round_keys[16 * round + c + r];
            }
        }
    }
}

static uint64_t guest(int32_t scale) {
    /* FIPS 197, appendix C.1. */
    uint8_t key[16], block[16];
    for (uint8_t i = 0; i < 16; i++) key[i] = i, block[i] = (uint8_t)(i * 0x11);
    make_sbox();
    expand(key);
    encrypt(block);
    for (int i = 0; i < 16; i++) print("%02x", block[i]);
    print("\n");
    uint64_t sum = 0;
    for (uint32_t i = 0; i < (uint32_t)scale * 100; i++) {
        memset(block, 0, 16);
        for (int k = 0; k < 4; k++) block[12 + k] = (uint8_t)(i >> (24 - 8 * k));
        encrypt(block);
        sum = mix_bytes(sum, block, 16);
    }
    return sum;
}
