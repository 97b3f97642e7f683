/* Iterative radix-2 Fourier transform with its own sine, bit reversal by shifts, and the way back. */
#include "guest.h"

#define LOG 9
#define N (1 << LOG)
typedef struct {
    double re, im;
} Complex;
static Complex data[N], roots[N / 2];

/* The Taylor series, for |x| <= pi. */
static double sine(double x) {
    double term = x, s = x;
    for (int k = 1; k < 16; k++) {
        term *= -x * x / ((2 * k) * (2 * k + 1));
        s += term;
    }
    return s;
}
static NOINLINE void transform(bool inverse) {
    for (uint32_t i = 0; i < N; i++) {
        uint32_t r = 0;
        for (int b = 0; b < LOG; b++) r |= (i >> b & 1) << (LOG - 1 - b);
        if (i < r) {
            Complex t = data[i];
            data[i] = data[r], data[r] = t;
        }
    }
    for (uint32_t half = 1; half < N; half *= 2) {
        uint32_t stride = N / 2 / half;
        for (uint32_t start = 0; start < N; start += 2 * half)
            for (uint32_t k = 0; k < half; k++) {
                Complex w = roots[k * stride], *p = &data[start + k], *q = p + half;
                if (inverse) w.im = -w.im;
                double re = q->re * w.re - q->im * w.im, im = q->re * w.im + q->im * w.re;
                q->re = p->re - re, q->im = p->im - im;
                p->re += re, p->im += im;
            }
    }
}

static uint64_t guest(int32_t scale) {
    const double pi = 3.141592653589793;
    for (int k = 0; k < N / 2; k++) {
        double angle = -2 * pi * k / N;
        roots[k].im = sine(angle);
        roots[k].re = sine(angle + pi / 2);
    }
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 2; pass++) {
        for (int i = 0; i < N; i++) data[i].re = ((i * 37 + pass) % 101) / 50.0 - 1, data[i].im = 0;
        transform(false);
        if (pass == 0)
            for (int i = 0; i < 4; i++) print("%.9f %.9f\n", data[i].re, data[i].im);
        sum = mix(sum, double_bits(data[pass % N].re) ^ double_bits(data[7].im));
        transform(true);
        double error = __builtin_fabs(data[5].re / N - (((5 * 37 + pass) % 101) / 50.0 - 1));
        CHECK(error < 1e-9);
    }
    return sum;
}
