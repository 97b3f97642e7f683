/* Short data-dependent loops with division: Euclid's and the binary algorithm, modular powers, Miller-Rabin. */
#include "guest.h"

static uint64_t gcd(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}
static uint64_t gcd_binary(uint64_t a, uint64_t b) {
    if (!a || !b) return a | b;
    int shift = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    while (b) {
        b >>= __builtin_ctzll(b);
        if (a > b) {
            uint64_t t = a;
            a = b;
            b = t;
        }
        b -= a;
    }
    return a << shift;
}
static uint32_t power_mod(uint32_t base, uint32_t exponent, uint32_t modulus) {
    uint64_t result = 1, b = base % modulus;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1) result = result * b % modulus;
        b = b * b % modulus;
    }
    return (uint32_t)result;
}
static bool is_prime(uint32_t n) {
    static const uint32_t witnesses[] = {2, 7, 61};
    if (n < 2 || n % 2 == 0) return n == 2;
    uint32_t odd = n - 1, twos = 0;
    while (odd % 2 == 0) odd /= 2, twos++;
    for (uint32_t i = 0; i < COUNT(witnesses); i++) {
        if (witnesses[i] % n == 0) continue;
        uint64_t x = power_mod(witnesses[i], odd, n);
        if (x == 1 || x == n - 1) continue;
        bool probable = false;
        for (uint32_t k = 1; k < twos && !probable; k++) {
            x = x * x % n;
            probable = x == n - 1;
        }
        if (!probable) return false;
    }
    return true;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    uint32_t primes = 0;
    for (int32_t i = 0; i < scale * 500; i++) {
        uint64_t a = random_u64() >> 3, b = (uint64_t)random_u32() * 360360;
        uint64_t g = gcd(a, b);
        CHECK(g == gcd_binary(a, b));
        primes += is_prime(random_u32());
        sum = mix(sum, g + primes);
    }
    print("%u primes of %d random numbers\n", primes, scale * 500);
    return sum;
}
