/* Bytes to text and back: base64 and hexadecimal, with table lookups and validation. */
#include "guest.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t reverse[256], data[3001], back[3004];
static char encoded[6100];

static NOINLINE uint32_t encode(const uint8_t *in, uint32_t n, char *out) {
    char *o = out;
    for (uint32_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0) | (i + 2 < n ? in[i + 2] : 0u);
        *o++ = alphabet[v >> 18];
        *o++ = alphabet[v >> 12 & 63];
        *o++ = i + 1 < n ? alphabet[v >> 6 & 63] : '=';
        *o++ = i + 2 < n ? alphabet[v & 63] : '=';
    }
    *o = 0;
    return (uint32_t)(o - out);
}
static NOINLINE int32_t decode(const char *in, uint32_t n, uint8_t *out) {
    uint8_t *o = out;
    if (n % 4) return -1;
    for (uint32_t i = 0; i < n; i += 4) {
        uint32_t v = 0, pads = 0;
        for (uint32_t k = 0; k < 4; k++) {
            uint8_t c = (uint8_t)in[i + k], d = reverse[c];
            if (c == '=' && i + 4 == n && k >= 2) {
                pads++;
                d = 0;
            } else if (d == 255 || pads) {
                return -1;
            }
            v = v << 6 | d;
        }
        *o++ = (uint8_t)(v >> 16);
        if (pads < 2) *o++ = (uint8_t)(v >> 8);
        if (pads < 1) *o++ = (uint8_t)v;
    }
    return (int32_t)(o - out);
}
static NOINLINE void hex(const uint8_t *in, uint32_t n, char *out) {
    for (uint32_t i = 0; i < n; i++) {
        uint8_t high = in[i] >> 4, low = in[i] & 15;
        out[2 * i] = (char)(high < 10 ? '0' + high : 'a' + high - 10);
        out[2 * i + 1] = (char)(low < 10 ? '0' + low : 'a' + low - 10);
    }
    out[2 * n] = 0;
}

static uint64_t guest(int32_t scale) {
    memset(reverse, 255, sizeof reverse);
    for (uint8_t i = 0; i < 64; i++) reverse[(uint8_t)alphabet[i]] = i;
    encode((const uint8_t *)"any carnal pleas", 16, encoded);
    print("%s\n", encoded);
    print("%d %d\n", decode("QUJ$", 4, back), decode("QQ==QUJD", 8, back));
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        uint32_t n = sizeof data - (uint32_t)pass % 97;
        for (uint32_t i = 0; i < n; i++) data[i] = (uint8_t)random_u32();
        uint32_t m = encode(data, n, encoded);
        CHECK(decode(encoded, m, back) == (int32_t)n && memcmp(data, back, n) == 0);
        sum = mix_bytes(sum, encoded, m);
        hex(data, n, encoded);
        sum = mix_bytes(sum, encoded, 2 * n);
    }
    return sum;
}
