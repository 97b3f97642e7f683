/* Constraint search: sudoku by candidate masks and the fewest choices first. */
#include "guest.h"

static uint16_t rows[9], columns[9], boxes[9];
static uint8_t grid[81];
static uint32_t guesses;

static inline int box_of(int cell) { return cell / 27 * 3 + cell % 9 / 3; }
static void put(int cell, uint32_t digit, bool on) {
    uint16_t bit = (uint16_t)(1u << digit);
    grid[cell] = on ? (uint8_t)digit : 0;
    rows[cell / 9] ^= bit, columns[cell % 9] ^= bit, boxes[box_of(cell)] ^= bit;
}
static NOINLINE bool solve(void) {
    int best = -1, fewest = 10;
    uint32_t choices = 0;
    for (int cell = 0; cell < 81; cell++) {
        if (grid[cell]) continue;
        uint32_t free = 0x3feu & ~(uint32_t)(rows[cell / 9] | columns[cell % 9] | boxes[box_of(cell)]);
        int n = __builtin_popcount(free);
        if (n < fewest) {
            fewest = n, best = cell, choices = free;
            if (n == 0) return false;
            if (n == 1) break;
        }
    }
    if (best < 0) return true;
    for (; choices; choices &= choices - 1) {
        uint32_t digit = (uint32_t)__builtin_ctz(choices);
        guesses++;
        put(best, digit, true);
        if (solve()) return true;
        put(best, digit, false);
    }
    return false;
}

/* A solved grid by formula, its digits, rows and columns exchanged within bands, and most cells taken away. */
static void make_puzzle(uint8_t *puzzle, uint32_t kept) {
    uint8_t digits[9], row[9], column[9];
    for (uint8_t i = 0; i < 9; i++) digits[i] = (uint8_t)(i + 1), row[i] = column[i] = i;
    for (uint32_t i = 8; i > 0; i--) {
        uint32_t j = random_u32() % (i + 1);
        uint8_t t = digits[i];
        digits[i] = digits[j], digits[j] = t;
        j = i / 3 * 3 + random_u32() % (i % 3 + 1);
        t = row[i], row[i] = row[j], row[j] = t;
        j = i / 3 * 3 + random_u32() % (i % 3 + 1);
        t = column[i], column[i] = column[j], column[j] = t;
    }
    memset(puzzle, 0, 81);
    while (kept) {
        uint32_t cell = random_u32() % 81, r = row[cell / 9], c = column[cell % 9];
        if (puzzle[cell]) continue;
        puzzle[cell] = digits[(r * 3 + r / 3 + c) % 9];
        kept--;
    }
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t kept = 24; kept <= 30; kept += 3) {
            uint8_t puzzle[81];
            make_puzzle(puzzle, kept);
            memset(rows, 0, sizeof rows), memset(columns, 0, sizeof columns), memset(boxes, 0, sizeof boxes), memset(grid, 0, sizeof grid);
            for (int i = 0; i < 81; i++)
                if (puzzle[i]) put(i, puzzle[i], true);
            CHECK(solve());
            for (int i = 0; i < 81 && pass == 0; i++) print(i % 9 == 8 ? "%u\n" : "%u ", grid[i]);
            sum = mix_bytes(sum + guesses, grid, 81);
        }
        if (pass == 0) print("%u guesses\n", guesses);
    }
    return sum;
}
