/* Byte loads and table lookups: CRC-32 bitwise, by one table and by four, and Adler-32. */
#include "guest.h"

static uint32_t table[4][256];
static uint8_t data[8192];

static uint32_t crc_bits(const uint8_t *p, uint32_t n) {
    uint32_t c = ~0u;
    while (n--) {
        c ^= *p++;
        for (int k = 0; k < 8; k++) c = c >> 1 ^ (0xedb88320u & -(c & 1));
    }
    return ~c;
}
static NOINLINE uint32_t crc_table(const uint8_t *p, uint32_t n) {
    uint32_t c = ~0u;
    while (n--) c = table[0][(c ^ *p++) & 255] ^ c >> 8;
    return ~c;
}
static NOINLINE uint32_t crc_four(const uint8_t *p, uint32_t n) {
    uint32_t c = ~0u;
    for (; n >= 4; n -= 4, p += 4) {
        c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        c = table[3][c & 255] ^ table[2][c >> 8 & 255] ^ table[1][c >> 16 & 255] ^ table[0][c >> 24];
    }
    while (n--) c = table[0][(c ^ *p++) & 255] ^ c >> 8;
    return ~c;
}
static NOINLINE uint32_t adler(const uint8_t *p, uint32_t n) {
    uint32_t a = 1, b = 0;
    while (n) {
        uint32_t run = n < 5552 ? n : 5552;
        n -= run;
        while (run--) a += *p++, b += a;
        a %= 65521, b %= 65521;
    }
    return b << 16 | a;
}

static uint64_t guest(int32_t scale) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c >> 1 ^ (0xedb88320u & -(c & 1));
        table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 4; k++) table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
    print("%08x\n", crc_table((const uint8_t *)"123456789", 9));
    for (uint32_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * i >> 3);
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        uint32_t n = sizeof data - (uint32_t)(pass & 63), c = crc_table(data, n);
        CHECK(c == crc_four(data, n));
        CHECK(pass > 0 || c == crc_bits(data, n));
        uint32_t a = adler(data, n);
        if (pass == 0) print("%08x %08x\n", c, a);
        sum = mix(sum, (uint64_t)c << 32 | a);
        data[pass % 8192] ^= (uint8_t)c;
    }
    return sum;
}
