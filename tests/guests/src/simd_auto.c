/* Loops a vectoriser likes, with many live vectors: saxpy, dot products, colour conversion, transposes, prefix sums. */
#include "guest.h"

#define N 1024
static float x[N], y[N], z[N], w[N];
static double dx[N], dy[N];
static int32_t ia[N], ib[N];
static uint8_t red[N], green[N], blue[N], luma[N], cb[N], cr[N];
static uint16_t shorts[N];
static uint64_t longs[N];

static NOINLINE void floats(float k) {
    for (int i = 0; i < N; i++) {
        float a = x[i] * k + y[i], b = y[i] * k - z[i], c = z[i] * 0.5f + w[i], d = w[i] - x[i];
        x[i] = a * 0.5f + b * 0.25f;
        y[i] = c * 0.5f - d * 0.125f;
        z[i] = a > b ? a * 0.5f : b * 0.5f;
        w[i] = (c + d) * 0.375f;
    }
}
static NOINLINE void colours(void) {
    for (int i = 0; i < N; i++) {
        int r = red[i], g = green[i], b = blue[i];
        luma[i] = (uint8_t)((66 * r + 129 * g + 25 * b + 128) / 256 + 16);
        cb[i] = (uint8_t)(((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128);
        cr[i] = (uint8_t)(((112 * r - 94 * g - 18 * b + 128) >> 8) + 128);
    }
}
static NOINLINE uint32_t integers(void) {
    uint32_t total = 0;
    for (int i = 0; i < N; i++) {
        int32_t a = ia[i], b = ib[i], m = a < b ? a : b;
        ia[i] = (int32_t)((uint32_t)a * 5u + (uint32_t)(b >> 3));
        ib[i] = (b ^ m) + (a > 1000 ? 7 : -7);
        shorts[i] = (uint16_t)(shorts[i] * 3 + (uint16_t)m);
        longs[i] += (uint64_t)((int64_t)a * b);
        total += (uint32_t)(m < 0 ? -m : m) + shorts[i];
    }
    return total;
}
static NOINLINE void doubles(void) {
    for (int i = 0; i < N; i++) {
        double a = dx[i], b = dy[i];
        dx[i] = __builtin_sqrt(a * a + b * b) * 0.7;
        dy[i] = (double)ia[i] * 1e-6 + __builtin_fabs(b - a) * 0.5;
    }
}
static NOINLINE void transpose(void) {
    for (int i = 0; i < 32; i++)
        for (int j = 0; j < i; j++) {
            int32_t t = ib[i * 32 + j];
            ib[i * 32 + j] = ib[j * 32 + i], ib[j * 32 + i] = t;
        }
}

static uint64_t guest(int32_t scale) {
    for (int i = 0; i < N; i++) {
        x[i] = (float)random_double(), y[i] = (float)random_double(), z[i] = (float)random_double(), w[i] = (float)random_double();
        dx[i] = random_double(), dy[i] = random_double();
        ia[i] = (int32_t)random_u32(), ib[i] = (int32_t)random_u32();
        red[i] = (uint8_t)random_u32(), green[i] = (uint8_t)random_u32(), blue[i] = (uint8_t)random_u32();
    }
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 5; pass++) {
        floats(0.75f);
        colours();
        uint32_t total = integers();
        doubles();
        transpose();
        int i = pass % N;
        if (pass == 0) print("%.6f %.6f %u %u %u %u\n", (double)x[3], dx[4], total, luma[5], cb[6], cr[7]);
        sum = mix(sum, float_bits(x[i]) + double_bits(dx[i]) + total + luma[i] * 256u + cb[i] + longs[i]);
        red[i]++, green[N - 1 - i]--;
    }
    return sum;
}
