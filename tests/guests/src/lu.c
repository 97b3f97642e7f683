/* LU decomposition with partial pivoting through row pointers, then a solve and its residual. */
#include "guest.h"

#define N 40
static double original[N][N], storage[N][N], *rows[N], rhs[N], x[N];

static NOINLINE int decompose(uint32_t *order) {
    int swaps = 0;
    for (uint32_t k = 0; k < N; k++) {
        uint32_t pivot = k;
        for (uint32_t i = k + 1; i < N; i++)
            if (__builtin_fabs(rows[i][k]) > __builtin_fabs(rows[pivot][k])) pivot = i;
        if (pivot != k) {
            double *row = rows[k];
            rows[k] = rows[pivot], rows[pivot] = row;
            uint32_t o = order[k];
            order[k] = order[pivot], order[pivot] = o;
            swaps++;
        }
        for (uint32_t i = k + 1; i < N; i++) {
            double factor = rows[i][k] / rows[k][k];
            rows[i][k] = factor;
            for (uint32_t j = k + 1; j < N; j++) rows[i][j] -= factor * rows[k][j];
        }
    }
    return swaps;
}
static NOINLINE void solve(const uint32_t *order) {
    for (int i = 0; i < N; i++) {
        double s = rhs[order[i]];
        for (int j = 0; j < i; j++) s -= rows[i][j] * x[j];
        x[i] = s;
    }
    for (int i = N - 1; i >= 0; i--) {
        double s = x[i];
        for (int j = i + 1; j < N; j++) s -= rows[i][j] * x[j];
        x[i] = s / rows[i][i];
    }
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        uint32_t order[N];
        for (uint32_t i = 0; i < N; i++) {
            for (uint32_t j = 0; j < N; j++) original[i][j] = storage[i][j] = random_double() - 0.5;
            rows[i] = storage[i], order[i] = i, rhs[i] = (double)i - N / 2;
        }
        int swaps = decompose(order);
        solve(order);
        double worst = 0;
        for (int i = 0; i < N; i++) {
            double r = -rhs[i];
            for (int j = 0; j < N; j++) r += original[i][j] * x[j];
            worst = __builtin_fabs(r) > worst ? __builtin_fabs(r) : worst;
        }
        CHECK(worst < 1e-8);
        if (pass == 0) print("%d swaps, x[0] = %.6f\n", swaps, x[0]);
        sum = mix(sum, double_bits(x[pass % N]) + (uint64_t)swaps);
    }
    return sum;
}
