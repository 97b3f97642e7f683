/* A byte compressor with a hash table of recent positions, and its decompressor with overlapping copies. */
#include "guest.h"

#define SIZE 20000
static uint8_t source[SIZE], packed[SIZE * 2], unpacked[SIZE];
static int32_t recent[4096];

static inline uint32_t load32(const uint8_t *p) {
    uint32_t v;
    __builtin_memcpy(&v, p, 4);
    return v;
}
static uint8_t *put_length(uint8_t *out, uint32_t n) {
    for (; n >= 255; n -= 255) *out++ = 255;
    *out++ = (uint8_t)n;
    return out;
}
/* Sequences of: literal count, literals, match length - 4, 16-bit distance. A distance of 0 ends the stream. */
static NOINLINE uint32_t compress(const uint8_t *in, uint32_t n, uint8_t *out) {
    uint8_t *o = out;
    uint32_t at = 0, anchor = 0;
    memset(recent, 255, sizeof recent);
    while (at + 4 <= n) {
        uint32_t word = load32(in + at), slot = word * 2654435761u >> 20;
        int32_t candidate = recent[slot];
        recent[slot] = (int32_t)at;
        if (candidate < 0 || at - (uint32_t)candidate > 65535 || load32(in + candidate) != word) {
            at++;
            continue;
        }
        uint32_t length = 4;
        while (at + length < n && in[(uint32_t)candidate + length] == in[at + length]) length++;
        o = put_length(o, at - anchor);
        memcpy(o, in + anchor, at - anchor);
        o = put_length(o + (at - anchor), length - 4);
        *o++ = (uint8_t)(at - (uint32_t)candidate), *o++ = (uint8_t)((at - (uint32_t)candidate) >> 8);
        at += length;
        anchor = at;
    }
    o = put_length(o, n - anchor);
    memcpy(o, in + anchor, n - anchor);
    o += n - anchor;
    *o++ = 0, *o++ = 0, *o++ = 0;
    return (uint32_t)(o - out);
}
static uint32_t get_length(const uint8_t **in) {
    uint32_t n = 0;
    while (**in == 255) n += *(*in)++;
    return n + *(*in)++;
}
static NOINLINE uint32_t decompress(const uint8_t *in, uint8_t *out) {
    uint8_t *o = out;
    for (;;) {
        uint32_t literals = get_length(&in);
        for (uint32_t i = 0; i < literals; i++) *o++ = *in++;
        uint32_t length = get_length(&in) + 4, distance = in[0] | (uint32_t)in[1] << 8;
        in += 2;
        if (!distance) return (uint32_t)(o - out);
        for (uint32_t i = 0; i < length; i++, o++) *o = *(o - distance);
    }
}

static uint64_t guest(int32_t scale) {
    static const char *const phrases[] = {"the quick brown fox ", "jumps over ", "a lazy dog, ", "while ", "0123456789 ", "compressors find what repeats; "};
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        uint32_t n = 0;
        while (n + 40 < SIZE) {
            if (random_u32() % 5 == 0)
                for (uint32_t k = random_u32() % 12; k > 0; k--) source[n++] = (uint8_t)random_u32();
            for (const char *p = phrases[random_u32() % COUNT(phrases)]; *p; p++) source[n++] = (uint8_t)*p;
            if (random_u32() % 60 == 0)
                for (uint32_t k = 0; k < 600 && n + 40 < SIZE; k++) source[n++] = 'x';
        }
        uint32_t m = compress(source, n, packed);
        CHECK(decompress(packed, unpacked) == n && memcmp(source, unpacked, n) == 0);
        if (pass == 0) print("%u bytes to %u\n", n, m);
        sum = mix_bytes(sum, packed, m);
    }
    return sum;
}
