/* Backtracking: queens by bit masks and by arrays, with the first solution drawn. */
#include "guest.h"

static NOINLINE uint32_t by_bits(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
    if (columns == all) return 1;
    uint32_t count = 0;
    for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
        uint32_t bit = free & -free;
        count += by_bits(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
}

static int8_t queens[16];
static uint32_t tried;
static bool safe(int row, int column) {
    for (int r = 0; r < row; r++) {
        int d = queens[r] - column;
        if (d == 0 || d == row - r || d == r - row) return false;
    }
    return true;
}
static NOINLINE uint32_t by_array(int n, int row, bool draw) {
    if (row == n) {
        for (int r = 0; r < n && draw; r++) {
            for (int c = 0; c < n; c++) put_char(queens[r] == c ? 'Q' : '.');
            put_char('\n');
        }
        return 1;
    }
    uint32_t count = 0;
    for (int c = 0; c < n; c++) {
        tried++;
        if (!safe(row, c)) continue;
        queens[row] = (int8_t)c;
        count += by_array(n, row + 1, draw && count == 0);
    }
    return count;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        uint32_t n = 7 + (uint32_t)(i & 1);
        uint32_t a = by_bits((1u << n) - 1, 0, 0, 0), b = by_array((int)n, 0, i == 0);
        CHECK(a == b);
        if (i == 0) print("%u solutions, %u tried\n", a, tried);
        sum = mix(sum, a + by_bits(511, 0, 0, 0) + tried);
    }
    return sum;
}
