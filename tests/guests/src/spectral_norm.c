/* Dense matrix-vector products whose elements are computed, with an integer division in each. */
#include "guest.h"

#define N 60
static double u[N], v[N], t[N];

static inline double element(int32_t i, int32_t j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }
static NOINLINE void times(const double *in, double *out) {
    for (int32_t i = 0; i < N; i++) {
        double s = 0;
        for (int32_t j = 0; j < N; j++) s += element(i, j) * in[j];
        out[i] = s;
    }
}
static NOINLINE void times_transposed(const double *in, double *out) {
    for (int32_t i = 0; i < N; i++) {
        double s = 0;
        for (int32_t j = 0; j < N; j++) s += element(j, i) * in[j];
        out[i] = s;
    }
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < N; i++) u[i] = 1;
    for (int32_t i = 0; i < scale * 5; i++) {
        times(u, t), times_transposed(t, v);
        times(v, t), times_transposed(t, u);
        /* Keep long runs in range. */
        double largest = 0;
        for (int k = 0; k < N; k++) largest = u[k] > largest ? u[k] : largest;
        if (largest > 1e6)
            for (int k = 0; k < N; k++) u[k] /= largest, v[k] /= largest;
    }
    double uv = 0, vv = 0;
    for (int i = 0; i < N; i++) uv += u[i] * v[i], vv += v[i] * v[i];
    double norm = __builtin_sqrt(uv / vv);
    print("norm %.9f\n", norm);
    return double_bits(norm);
}
