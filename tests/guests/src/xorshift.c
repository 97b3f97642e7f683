/* 64-bit shifts, rotations and products: four generators of random numbers and their statistics. */
#include "guest.h"

static inline uint64_t rotl(uint64_t x, int n) { return x << n | x >> (64 - n); }

static uint64_t split_state = 42, star_state = 0x9e3779b97f4a7c15ull, pcg_state = 7, four[4];

static inline uint64_t split_mix(void) {
    uint64_t z = split_state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}
static inline uint64_t star(void) {
    star_state ^= star_state >> 12, star_state ^= star_state << 25, star_state ^= star_state >> 27;
    return star_state * 0x2545f4914f6cdd1dull;
}
static inline uint32_t pcg(void) {
    uint64_t old = pcg_state;
    pcg_state = old * 6364136223846793005ull + 1442695040888963407ull;
    uint32_t x = (uint32_t)((old >> 18 ^ old) >> 27), r = (uint32_t)(old >> 59);
    return x >> r | x << (-r & 31);
}
static inline uint64_t xoshiro(void) {
    uint64_t result = rotl(four[1] * 5, 7) * 9, t = four[1] << 17;
    four[2] ^= four[0], four[3] ^= four[1], four[1] ^= four[2], four[0] ^= four[3];
    four[2] ^= t;
    four[3] = rotl(four[3], 45);
    return result;
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < 4; i++) four[i] = split_mix();
    uint64_t sum = 0;
    uint32_t buckets[16] = {0}, ones = 0;
    for (int32_t i = 0; i < scale * 2000; i++) {
        uint64_t a = split_mix(), b = star(), d = xoshiro();
        uint32_t c = pcg();
        buckets[d >> 60]++;
        ones += (uint32_t)__builtin_popcountll(a ^ b);
        sum = rotl(sum, 5) ^ (a + b + c + d);
        if (i == 0) print("%016llx %016llx %08x %016llx\n", (unsigned long long)a, (unsigned long long)b, c, (unsigned long long)d);
    }
    for (int i = 0; i < 16; i++) print("%u ", buckets[i]);
    print("\n%u\n", ones);
    return sum;
}
