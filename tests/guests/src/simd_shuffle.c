/* Lane traffic: transposes by shuffles, sixteen-bit bitonic sorting, conversions between lane widths, ChaCha by rows. */
#include "guest.h"

typedef uint32_t U4 __attribute__((vector_size(16)));
typedef int32_t I4 __attribute__((vector_size(16)));
typedef float F4 __attribute__((vector_size(16)));
typedef uint16_t H8 __attribute__((vector_size(16)));
typedef uint8_t B16 __attribute__((vector_size(16)));
typedef uint64_t Q2 __attribute__((vector_size(16)));
#ifdef __clang__
#define SHUFFLE4(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE4(a, b, ...) __builtin_shuffle(a, b, (I4){__VA_ARGS__})
#endif

static NOINLINE void transpose(U4 *m) {
    U4 a = SHUFFLE4(m[0], m[1], 0, 4, 1, 5), b = SHUFFLE4(m[0], m[1], 2, 6, 3, 7);
    U4 c = SHUFFLE4(m[2], m[3], 0, 4, 1, 5), d = SHUFFLE4(m[2], m[3], 2, 6, 3, 7);
    m[0] = SHUFFLE4(a, c, 0, 1, 4, 5), m[1] = SHUFFLE4(a, c, 2, 3, 6, 7);
    m[2] = SHUFFLE4(b, d, 0, 1, 4, 5), m[3] = SHUFFLE4(b, d, 2, 3, 6, 7);
}
static inline U4 rotl(U4 v, int n) { return v << n | v >> (32 - n); }
static NOINLINE void rounds(U4 *s, int n) {
    U4 a = s[0], b = s[1], c = s[2], d = s[3];
    for (int i = 0; i < n; i++) {
        a += b, d = rotl(d ^ a, 16), c += d, b = rotl(b ^ c, 12), a += b, d = rotl(d ^ a, 8), c += d, b = rotl(b ^ c, 7);
        b = SHUFFLE4(b, b, 1, 2, 3, 0), c = SHUFFLE4(c, c, 2, 3, 0, 1), d = SHUFFLE4(d, d, 3, 0, 1, 2);
        a += b, d = rotl(d ^ a, 16), c += d, b = rotl(b ^ c, 12), a += b, d = rotl(d ^ a, 8), c += d, b = rotl(b ^ c, 7);
        b = SHUFFLE4(b, b, 3, 0, 1, 2), c = SHUFFLE4(c, c, 2, 3, 0, 1), d = SHUFFLE4(d, d, 1, 2, 3, 0);
    }
    s[0] += a, s[1] += b, s[2] += c, s[3] += d;
}
/* Columns of four vectors sorted by exchanges, then merged by counting. */
static NOINLINE void sort_columns(I4 *v) {
    static const uint8_t pairs[5][2] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {1, 2}};
    for (int i = 0; i < 5; i++) {
        I4 a = v[pairs[i][0]], b = v[pairs[i][1]], less = a < b;
        v[pairs[i][0]] = (a & less) | (b & ~less);
        v[pairs[i][1]] = (b & less) | (a & ~less);
    }
}
static NOINLINE uint64_t convert(const uint8_t *p) {
    B16 bytes;
    memcpy(&bytes, p, 16);
    H8 low, high;
    for (int i = 0; i < 8; i++) low[i] = bytes[i], high[i] = bytes[i + 8];
    H8 s = low * high + (low >> 3);
    F4 f;
    for (int i = 0; i < 4; i++) f[i] = (float)s[i] * 0.25f + (float)s[i + 4];
    I4 back;
    for (int i = 0; i < 4; i++) back[i] = (int32_t)f[i];
    Q2 q = {(uint64_t)(uint32_t)back[0] * (uint32_t)back[1], (uint64_t)(uint32_t)back[2] * (uint32_t)back[3]};
    bytes = (bytes << 1) ^ ((B16)(bytes > 127) & 0x1b);
    Q2 folded;
    memcpy(&folded, &bytes, 16);
    q ^= folded;
    return q[0] + q[1];
}

static uint64_t guest(int32_t scale) {
    U4 state[4];
    I4 keys[4];
    uint8_t bytes[64];
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) state[i][k] = random_u32();
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 100; pass++) {
        rounds(state, 10);
        memcpy(keys, state, sizeof keys);
        transpose(state);
        sort_columns(keys);
        for (int k = 0; k < 4; k++) CHECK(keys[0][k] <= keys[1][k] && keys[1][k] <= keys[2][k] && keys[2][k] <= keys[3][k]);
        memcpy(bytes, state, sizeof bytes);
        uint64_t c = convert(bytes + pass % 48);
        if (pass == 0) print("%08x %08x %d %016llx\n", state[0][1], state[3][2], keys[1][2], (unsigned long long)c);
        sum = mix(sum, c + state[1][3] + (uint32_t)keys[2][0]);
    }
    return sum;
}
