/* A five-point stencil swept back and forth between two grids. */
#include "guest.h"

#define N 64
static double grid[N][N], next[N][N];

static NOINLINE void sweep(double (*from)[N], double (*to)[N]) {
    for (int i = 1; i < N - 1; i++)
        for (int j = 1; j < N - 1; j++) to[i][j] = 0.2 * (from[i][j] + from[i][j - 1] + from[i][j + 1] + from[i - 1][j] + from[i + 1][j]);
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) grid[i][j] = ((double)i * (j + 2) + 2) / N, next[i][j] = ((double)i * (j + 3) + 3) / N;
    for (int32_t i = 0; i < scale * 10; i++) sweep(grid, next), sweep(next, grid);
    uint64_t sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) sum = mix(sum, double_bits(grid[i][j]));
    for (int i = 0; i < N; i += 13) print("%.6f %.6f\n", grid[i][i], grid[i][N - 1 - i]);
    return sum;
}
