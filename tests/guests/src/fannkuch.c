/* Permutations of small arrays: pancake flips, permutations by exchange, and a linear congruential shuffle. */
#include "guest.h"

static NOINLINE int32_t fannkuch(int n, int32_t *checksum) {
    uint8_t p[12], q[12], count[12];
    int32_t most = 0, sign = 1, check = 0;
    for (int i = 0; i < n; i++) p[i] = (uint8_t)i;
    int r = n;
    for (;;) {
        for (; r > 1; r--) count[r - 1] = (uint8_t)r;
        for (int i = 0; i < n; i++) q[i] = p[i];
        int32_t flips = 0;
        for (int k = q[0]; k; k = q[0]) {
            for (int i = 0, j = k; i < j; i++, j--) {
                uint8_t t = q[i];
                q[i] = q[j], q[j] = t;
            }
            flips++;
        }
        most = flips > most ? flips : most;
        check += sign * flips;
        sign = -sign;
        for (;; r++) {
            if (r == n) {
                *checksum = check;
                return most;
            }
            uint8_t first = p[0];
            for (int i = 0; i < r; i++) p[i] = p[i + 1];
            p[r] = first;
            if (--count[r] > 0) break;
        }
    }
}
static uint32_t seen;
static uint64_t digest;
static NOINLINE void permute(uint8_t *a, int n, int k) {
    if (k == 1) {
        seen++;
        for (int i = 0; i < n; i++) digest = digest * 11 + a[i];
        return;
    }
    for (int i = 0; i < k; i++) {
        permute(a, n, k - 1);
        int j = k & 1 ? 0 : i;
        uint8_t t = a[j];
        a[j] = a[k - 1], a[k - 1] = t;
    }
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        int32_t check, most = fannkuch(6 + (pass & 1), &check);
        uint8_t a[8] = {0, 1, 2, 3, 4, 5, 6, 7}, shuffled[64];
        seen = 0;
        permute(a, 6, 6);
        for (uint8_t i = 0; i < 64; i++) shuffled[i] = i;
        for (uint32_t i = 63; i > 0; i--) {
            uint32_t j = random_u32() % (i + 1);
            uint8_t t = shuffled[i];
            shuffled[i] = shuffled[j], shuffled[j] = t;
        }
        if (pass == 0) print("%d flips, checksum %d, %u permutations\n", most, check, seen);
        sum = mix_bytes(sum + (uint64_t)(most * 1000 + check) + digest, shuffled, 64);
    }
    return sum;
}
