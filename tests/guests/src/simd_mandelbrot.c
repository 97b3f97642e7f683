/* Four and two escape iterations at once through the compiler's vector types: float compares, masks and selects. */
#include "guest.h"

typedef float F4 __attribute__((vector_size(16)));
typedef int32_t I4 __attribute__((vector_size(16)));
typedef double D2 __attribute__((vector_size(16)));
typedef int64_t L2 __attribute__((vector_size(16)));

#define WIDTH 64
#define HEIGHT 24

static NOINLINE I4 escape4(F4 cx, F4 cy, int limit) {
    F4 x = {0}, y = {0};
    I4 n = {0};
    for (int i = 0; i < limit; i++) {
        F4 xx = x * x, yy = y * y;
        I4 inside = xx + yy <= 4.0f;
        if (!(inside[0] | inside[1] | inside[2] | inside[3])) break;
        n -= inside;
        y = 2.0f * x * y + cy;
        x = xx - yy + cx;
    }
    return n;
}
static NOINLINE L2 escape2(D2 cx, D2 cy, int limit) {
    D2 x = {0}, y = {0};
    L2 n = {0};
    for (int i = 0; i < limit; i++) {
        D2 xx = x * x, yy = y * y;
        L2 inside = xx + yy <= 4.0;
        if (!(inside[0] | inside[1])) break;
        n -= inside;
        y = 2.0 * x * y + cy;
        x = xx - yy + cx;
    }
    return n;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (int row = 0; row < HEIGHT; row++) {
            float y = -1.2f + 2.4f * (float)row / HEIGHT + (float)pass * 1e-4f;
            for (int column = 0; column < WIDTH; column += 4) {
                F4 cx, cy = {y, y, y, y};
                for (int k = 0; k < 4; k++) cx[k] = -2.1f + 2.9f * (float)(column + k) / WIDTH;
                I4 n = escape4(cx, cy, 64);
                D2 low = {cx[0], cx[1]}, high = {cx[2], cx[3]}, d = {y, y};
                L2 a = escape2(low, d, 64), b = escape2(high, d, 64);
                for (int k = 0; k < 4; k++) {
                    sum = mix(sum, (uint64_t)n[k] * 64 + (uint64_t)(k < 2 ? a[k] : b[k - 2]));
                    if (pass == 0) put_char(" .:-=+*#%@"[n[k] * 9 / 64]);
                }
            }
            if (pass == 0) put_char('\n');
        }
    }
    return sum;
}
