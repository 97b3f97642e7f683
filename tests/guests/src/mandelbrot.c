/* Tight float loops with early exit: escape times in double and in single precision, drawn as text. */
#include "guest.h"

#define WIDTH 60
#define HEIGHT 24

static NOINLINE uint32_t escape(double cx, double cy, uint32_t limit) {
    double x = 0, y = 0;
    uint32_t n = 0;
    while (n < limit && x * x + y * y <= 4) {
        double t = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = t;
        n++;
    }
    return n;
}
static NOINLINE uint32_t escape_single(float cx, float cy, uint32_t limit) {
    float x = 0, y = 0;
    uint32_t n = 0;
    while (n < limit && x * x + y * y <= 4) {
        float t = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = t;
        n++;
    }
    return n;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (int row = 0; row < HEIGHT; row++) {
            for (int column = 0; column < WIDTH; column++) {
                double cx = -2.1 + 2.9 * column / WIDTH, cy = -1.2 + 2.4 * row / HEIGHT + pass * 1e-5;
                uint32_t a = escape(cx, cy, 120), b = escape_single((float)cx, (float)cy, 60);
                sum = mix(sum, a * 1000 + b);
                if (pass == 0) put_char(" .:-=+*#%@"[a * 9 / 120]);
            }
            if (pass == 0) put_char('\n');
        }
    }
    return sum;
}
