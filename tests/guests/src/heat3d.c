/* A seven-point stencil in three dimensions, single precision: long address computations. */
#include "guest.h"

#define N 20
static float cells[2][N][N][N];

static NOINLINE void step(const float (*from)[N][N], float (*to)[N][N]) {
    for (int i = 1; i < N - 1; i++)
        for (int j = 1; j < N - 1; j++)
            for (int k = 1; k < N - 1; k++)
                to[i][j][k] = 0.125f * (from[i + 1][j][k] - 2.0f * from[i][j][k] + from[i - 1][j][k]) +
                              0.125f * (from[i][j + 1][k] - 2.0f * from[i][j][k] + from[i][j - 1][k]) +
                              0.125f * (from[i][j][k + 1] - 2.0f * from[i][j][k] + from[i][j][k - 1]) + from[i][j][k];
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int k = 0; k < N; k++) cells[0][i][j][k] = cells[1][i][j][k] = (float)((i * j + (N - k) * (j + 3)) % 17) * 10 / N;
    for (int32_t i = 0; i < scale * 5; i++) {
        step((const float(*)[N][N])cells[0], cells[1]);
        step((const float(*)[N][N])cells[1], cells[0]);
    }
    uint64_t sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) sum = mix(sum, float_bits(cells[0][i][j][(i + j) % N]));
    print("%.6f %.6f\n", (double)cells[0][1][1][1], (double)cells[0][N / 2][3][N - 2]);
    return sum;
}
