/* Nested counting loops over bytes and bits: the sieve of Eratosthenes, plain and packed. */
#include "guest.h"

#define LIMIT 40000
static uint8_t composite[LIMIT + 1];
static uint32_t bits[LIMIT / 64 + 1];

static uint32_t sieve_bytes(void) {
    memset(composite, 0, sizeof composite);
    uint32_t count = 0;
    for (uint32_t i = 2; i <= LIMIT; i++) {
        if (composite[i]) continue;
        count++;
        for (uint32_t j = i * 2; j <= LIMIT; j += i) composite[j] = 1;
    }
    return count;
}
/* Odd numbers only: bit i stands for 2 i + 1. */
static uint32_t sieve_bits(void) {
    memset(bits, 0, sizeof bits);
    uint32_t count = 1;
    for (uint32_t i = 1; i < LIMIT / 2; i++) {
        if (bits[i >> 5] >> (i & 31) & 1) continue;
        count++;
        for (uint32_t j = 2 * i * (i + 1); i < 200 && j < LIMIT / 2; j += 2 * i + 1) bits[j >> 5] |= 1u << (j & 31);
    }
    return count;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        uint32_t a = sieve_bytes(), b = sieve_bits();
        if (i == 0) print("primes to %u: %u and %u\n", LIMIT, a, b);
        sum = mix(sum, a * 31 + b);
    }
    return sum;
}
