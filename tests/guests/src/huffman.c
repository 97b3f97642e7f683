/* Bit streams and trees: canonical Huffman codes built, written and read back, and move-to-front. */
#include "guest.h"

#define SIZE 6000
static uint8_t source[SIZE], fronted[SIZE], packed[SIZE + 16], unpacked[SIZE], lengths[256];
static uint32_t codes[256];
static uint64_t bit_count;

static NOINLINE void to_front(const uint8_t *in, uint8_t *out, bool inverse) {
    uint8_t order[256];
    for (uint32_t i = 0; i < 256; i++) order[i] = (uint8_t)i;
    for (uint32_t i = 0; i < SIZE; i++) {
        uint32_t at = 0;
        if (inverse) at = in[i];
        else
            while (order[at] != in[i]) at++;
        uint8_t symbol = order[at];
        for (uint32_t k = at; k > 0; k--) order[k] = order[k - 1];
        order[0] = symbol;
        out[i] = inverse ? symbol : (uint8_t)at;
    }
}
static NOINLINE void build(const uint8_t *in) {
    static uint32_t weight[512];
    static int16_t parent[512];
    memset(weight, 0, sizeof weight);
    for (uint32_t i = 0; i < SIZE; i++) weight[in[i]]++;
    for (int i = 0; i < 512; i++) parent[i] = -1;
    uint32_t next = 256;
    for (;;) {
        int a = -1, b = -1;
        for (int i = 0; i < (int)next; i++) {
            if (!weight[i] || parent[i] >= 0) continue;
            if (a < 0 || weight[i] < weight[a]) b = a, a = i;
            else if (b < 0 || weight[i] < weight[b]) b = i;
        }
        if (b < 0) break;
        weight[next] = weight[a] + weight[b];
        parent[a] = parent[b] = (int16_t)next++;
    }
    for (int i = 0; i < 256; i++) {
        lengths[i] = 0;
        for (int p = parent[i]; p >= 0; p = parent[p]) lengths[i]++;
    }
    uint32_t code = 0;
    for (uint32_t n = 1; n < 32; n++, code <<= 1)
        for (int i = 0; i < 256; i++)
            if (lengths[i] == n) codes[i] = code++;
}
static NOINLINE void write_bits(const uint8_t *in) {
    memset(packed, 0, sizeof packed);
    bit_count = 0;
    for (uint32_t i = 0; i < SIZE; i++)
        for (uint32_t b = lengths[in[i]]; b-- > 0; bit_count++)
            if (codes[in[i]] >> b & 1) packed[bit_count >> 3] |= (uint8_t)(0x80 >> (bit_count & 7));
}
static NOINLINE void read_bits(uint8_t *out) {
    uint32_t first[33] = {0}, counts[33] = {0}, offsets[33] = {0}, n = 0;
    uint8_t sorted[256];
    for (uint32_t l = 1; l <= 32; l++) {
        offsets[l] = n;
        for (int i = 0; i < 256; i++)
            if (lengths[i] == l) sorted[n++] = (uint8_t)i, counts[l]++;
        first[l] = l > 1 ? (first[l - 1] + counts[l - 1]) << 1 : 0;
    }
    uint64_t bit = 0;
    for (uint32_t i = 0; i < SIZE; i++) {
        uint32_t code = 0, l = 0;
        do {
            code = code << 1 | (packed[bit >> 3] >> (7 - (bit & 7)) & 1);
            bit++, l++;
        } while (code - first[l] >= counts[l]);
        out[i] = sorted[offsets[l] + code - first[l]];
    }
    CHECK(bit == bit_count);
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t i = 0; i < SIZE; i++) {
            uint32_t r = random_u32();
            source[i] = i > 9 && r % 4 ? source[i - 1 - r / 4 % 9] : (uint8_t)(r >> 9 & 63);
        }
        to_front(source, fronted, false);
        build(fronted);
        write_bits(fronted);
        read_bits(unpacked);
        to_front(unpacked, fronted, true);
        CHECK(memcmp(source, fronted, SIZE) == 0);
        if (pass == 0) print("%u bytes to %llu bits\n", SIZE, (unsigned long long)bit_count);
        sum = mix_bytes(sum + bit_count, packed, (size_t)(bit_count >> 3));
    }
    return sum;
}
