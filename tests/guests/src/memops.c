/* Loads and stores of every width at every alignment, with sign extension; block copies that overlap; fills. */
#include "guest.h"

static uint8_t area[4096 + 64], mirror[4096 + 64];

#define LOAD(T)                               \
    static inline T load_##T(const uint8_t *p) { \
        T v;                                  \
        __builtin_memcpy(&v, p, sizeof v);    \
        return v;                             \
    }                                         \
    static inline void store_##T(uint8_t *p, T v) { __builtin_memcpy(p, &v, sizeof v); }
LOAD(int8_t)
LOAD(int16_t)
LOAD(int32_t)
LOAD(int64_t)
LOAD(uint16_t)
LOAD(uint32_t)
LOAD(float)
LOAD(double)

static NOINLINE uint64_t every_width(const uint8_t *p, uint32_t n) {
    uint64_t h = 0;
    for (uint32_t i = 0; i < n; i += 3) {
        h += (uint64_t)(int64_t)load_int8_t(p + i) * 3;
        h ^= (uint64_t)(int64_t)load_int16_t(p + i + 1) << 7;
        h += (uint64_t)(int64_t)load_int32_t(p + i + 2);
        h ^= (uint64_t)load_int64_t(p + i);
        h += (uint64_t)p[i] * load_uint16_t(p + i);
        h = (h << 9 | h >> 55) + load_uint32_t(p + i + 5);
        h += (uint32_t)(int32_t)load_int8_t(p + i + 1) ^ (uint32_t)(int32_t)load_int16_t(p + i + 4);
    }
    return h;
}
static NOINLINE void store_widths(uint8_t *p, uint32_t n, uint64_t v) {
    for (uint32_t i = 0; i + 16 < n; i += 13) {
        v = v * 6364136223846793005ull + 1442695040888963407ull;
        p[i] = (uint8_t)(v >> 56);
        store_int16_t(p + i + 1, (int16_t)(v >> 40));
        store_int32_t(p + i + 3, (int32_t)(v >> 16));
        store_int64_t(p + i + 5, (int64_t)v);
        store_float(p + i + 2, load_float(p + i + 2) == 1.5f ? 2.5f : (float)(uint16_t)v);
        store_double(p + i + 7, (double)(int32_t)(v >> 8));
        store_uint32_t(p + i + 9, (uint32_t)v), store_uint16_t(p + i + 12, (uint16_t)(v >> 3));
    }
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        uint32_t shift = (uint32_t)pass % 8;
        store_widths(area + shift, 4096, (uint64_t)pass);
        sum = mix(sum, every_width(area + shift, 4000));
        for (uint32_t i = 0; i < 40; i++) {
            uint32_t from = random_u32() % 3500, to = i & 1 ? random_u32() % 3500 : from + random_u32() % 16, n = random_u32() % 560, at = random_u32() % 4000;
            for (uint32_t k = 0; k < n; k++) mirror[k] = area[from + k];
            memmove(area + to, area + from, n);
            CHECK(memcmp(area + to, mirror, n) == 0);
            memset(area + at, (int)i, random_u32() % 32);
        }
        memcpy(mirror, area, sizeof area);
        sum = mix_bytes(sum, mirror, sizeof mirror);
        if (pass == 0) print("%016llx\n", (unsigned long long)sum);
    }
    return sum;
}
