/* Conway's game on a torus, cell by cell with wrapped indices, and again with a row in each 64-bit word. */
#include "guest.h"

#define N 64
static uint8_t cells[N][N], next[N][N];
static uint64_t rows[N], next_rows[N];

static NOINLINE void step_cells(void) {
    for (int y = 0; y < N; y++)
        for (int x = 0; x < N; x++) {
            int alive = 0;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    if (dx || dy) alive += cells[(y + dy) & (N - 1)][(x + dx) & (N - 1)];
            next[y][x] = alive == 3 || (alive == 2 && cells[y][x]);
        }
    memcpy(cells, next, sizeof cells);
}
static inline uint64_t rotl(uint64_t v, int n) { return v << n | v >> (64 - n); }
static NOINLINE void step_rows(void) {
    for (int y = 0; y < N; y++) {
        uint64_t ones = 0, twos = 0, fours = 0;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                if (!dx && !dy) continue;
                uint64_t r = rows[(y + dy) & (N - 1)], v = dx < 0 ? rotl(r, 1) : dx > 0 ? rotl(r, 63) : r;
                uint64_t carry = ones & v;
                ones ^= v;
                fours |= twos & carry;
                twos ^= carry;
            }
        next_rows[y] = twos & ~fours & (ones | rows[y]);
    }
    memcpy(rows, next_rows, sizeof rows);
}

static uint64_t guest(int32_t scale) {
    for (int y = 0; y < N; y++)
        for (int x = 0; x < N; x++)
            if (random_u32() % 3 == 0) cells[y][x] = 1, rows[y] |= 1ull << x;
    for (int32_t i = 0; i < scale * 4; i++) {
        step_cells();
        step_rows();
    }
    uint64_t sum = 0;
    uint32_t alive = 0;
    for (int y = 0; y < N; y++) {
        uint64_t row = 0;
        for (int x = 0; x < N; x++) row |= (uint64_t)cells[y][x] << x;
        CHECK(row == rows[y]);
        alive += (uint32_t)__builtin_popcountll(row);
        sum = mix(sum, row);
        if (y % 8 == 0) print("%016llx\n", (unsigned long long)row);
    }
    print("%u alive\n", alive);
    return sum;
}
