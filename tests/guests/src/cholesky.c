/* Cholesky factorisation of a positive definite matrix: triangular loops, square roots, divisions. */
#include "guest.h"

#define N 44
static double m[N][N], l[N][N];

static NOINLINE void factor(void) {
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++) {
            double s = m[i][j];
            for (int k = 0; k < j; k++) s -= l[i][k] * l[j][k];
            l[i][j] = s / l[j][j];
        }
        double s = m[i][i];
        for (int k = 0; k < i; k++) s -= l[i][k] * l[i][k];
        l[i][i] = __builtin_sqrt(s);
    }
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) m[i][j] = m[j][i] = i == j ? N + 1.0 : random_double() - 0.5;
    for (int32_t pass = 0; pass < scale * 2; pass++) {
        factor();
        double determinant = 1;
        for (int i = 0; i < N; i++) determinant *= l[i][i] / 6.5;
        if (pass == 0) print("scaled root of the determinant %.9f\n", determinant);
        sum = mix(sum, double_bits(determinant) + double_bits(l[N - 1][pass % N]));
        m[pass % N][pass % N] += 0.25;
    }
    return sum;
}
