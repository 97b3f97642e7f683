/* Dynamic programming: knapsacks, edit distance, longest common subsequence and matrix-chain order. */
#include "guest.h"

static NOINLINE uint32_t knapsack(const uint32_t *weights, const uint32_t *worths, uint32_t n, uint32_t capacity) {
    static uint32_t best[1001];
    memset(best, 0, sizeof best);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = capacity; c >= weights[i]; c--) {
            uint32_t with = best[c - weights[i]] + worths[i];
            if (with > best[c]) best[c] = with;
        }
    return best[capacity];
}
static NOINLINE uint32_t edit_distance(const char *a, uint32_t n, const char *b, uint32_t m) {
    static uint16_t row[256];
    for (uint32_t j = 0; j <= m; j++) row[j] = (uint16_t)j;
    for (uint32_t i = 1; i <= n; i++) {
        uint16_t diagonal = row[0];
        row[0] = (uint16_t)i;
        for (uint32_t j = 1; j <= m; j++) {
            uint16_t cost = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < cost) cost = (uint16_t)(row[j] + 1);
            if (row[j - 1] + 1 < cost) cost = (uint16_t)(row[j - 1] + 1);
            row[j] = cost;
        }
    }
    return row[m];
}
static NOINLINE uint32_t common(const char *a, uint32_t n, const char *b, uint32_t m) {
    static uint16_t t[201][201];
    for (uint32_t i = 1; i <= n; i++)
        for (uint32_t j = 1; j <= m; j++)
            t[i][j] = a[i - 1] == b[j - 1] ? (uint16_t)(t[i - 1][j - 1] + 1) : t[i - 1][j] > t[i][j - 1] ? t[i - 1][j] : t[i][j - 1];
    return t[n][m];
}
static NOINLINE uint64_t chain(const uint32_t *sizes, uint32_t n) {
    static uint64_t cost[32][32];
    for (uint32_t length = 2; length < n; length++)
        for (uint32_t i = 1; i + length <= n; i++) {
            uint32_t j = i + length - 1;
            cost[i][j] = ~0ull;
            for (uint32_t k = i; k < j; k++) {
                uint64_t c = cost[i][k] + cost[k + 1][j] + (uint64_t)sizes[i - 1] * sizes[k] * sizes[j];
                if (c < cost[i][j]) cost[i][j] = c;
            }
        }
    return cost[1][n - 1];
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        uint32_t weights[30], worths[30], sizes[28];
        char a[200], b[200];
        for (int i = 0; i < 30; i++) weights[i] = 5 + random_u32() % 95, worths[i] = random_u32() % 1000;
        for (int i = 0; i < 28; i++) sizes[i] = 1 + random_u32() % 60;
        for (int i = 0; i < 200; i++) a[i] = (char)('a' + random_u32() % 4), b[i] = random_u32() % 3 ? a[i] : (char)('a' + random_u32() % 4);
        uint32_t best = knapsack(weights, worths, 30, 900 + (uint32_t)pass % 100), edits = edit_distance(a, 200, b, 190), longest = common(a, 150, b, 160);
        uint64_t cost = chain(sizes, 28);
        if (pass == 0) print("worth %u, %u edits, %u common, %llu products\n", best, edits, longest, (unsigned long long)cost);
        sum = mix(sum, best + edits * 100000ull + longest + cost);
    }
    return sum;
}
