/* Matrix products in the orders compilers meet: ijk and ikj, double and single precision, and a blocked one. */
#include "guest.h"

#define N 48
static double a[N][N], b[N][N], c[N][N];
static float fa[N][N], fb[N][N], fc[N][N];
static uint32_t ia[N][N], ib[N][N], ic[N][N];

static NOINLINE void multiply_ijk(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double s = 0;
            for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
            c[i][j] = s;
        }
}
static NOINLINE void multiply_ikj(void) {
    memset(fc, 0, sizeof fc);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++) fc[i][j] += fa[i][k] * fb[k][j];
}
static NOINLINE void multiply_blocked(void) {
    memset(ic, 0, sizeof ic);
    for (int ii = 0; ii < N; ii += 8)
        for (int kk = 0; kk < N; kk += 8)
            for (int jj = 0; jj < N; jj += 8)
                for (int i = ii; i < ii + 8; i++)
                    for (int k = kk; k < kk + 8; k++)
                        for (int j = jj; j < jj + 8; j++) ic[i][j] += ia[i][k] * ib[k][j];
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = random_double() - 0.5, b[i][j] = random_double();
            fa[i][j] = (float)random_double(), fb[i][j] = (float)random_double() - 0.5f;
            ia[i][j] = random_u32() >> 12, ib[i][j] = random_u32() >> 16;
        }
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        multiply_ijk(), multiply_ikj(), multiply_blocked();
        int i = pass % N, j = pass * 7 % N;
        if (pass == 0) print("%.9f %.5f %u\n", c[3][4], (double)fc[5][6], ic[7][8]);
        sum = mix(sum, double_bits(c[i][j]) + float_bits(fc[j][i]) + ic[i][j]);
        a[i][j] += 0.001, fa[j][i] *= 0.99f, ia[i][j]++;
    }
    return sum;
}
