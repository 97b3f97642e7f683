/* Structures returned in several values and passed in several arguments: complex numbers, quotients, small matrices. */
#include "guest.h"

typedef struct {
    double re, im;
} Complex;
typedef struct {
    int64_t quotient, rest;
} Division;
typedef struct {
    int32_t a;
    float b;
    double c;
    int64_t d;
} Mixed;
typedef struct {
    uint32_t a, b, c, d;
} Matrix;

static NOINLINE Complex times(Complex x, Complex y) { return (Complex){x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re}; }
static NOINLINE Complex plus(Complex x, Complex y) { return (Complex){x.re + y.re, x.im + y.im}; }
static NOINLINE Division divide(int64_t a, int64_t b) { return (Division){a / b, a % b}; }
static NOINLINE Mixed step(Mixed m, int32_t by) { return (Mixed){(int32_t)((uint32_t)m.a * 3 + (uint32_t)by), m.b * 0.5f + (float)by, m.c - m.b, m.d ^ ((int64_t)((uint64_t)m.a << by))}; }
static NOINLINE Matrix product(Matrix x, Matrix y) {
    return (Matrix){x.a * y.a + x.b * y.c, x.a * y.b + x.b * y.d, x.c * y.a + x.d * y.c, x.c * y.b + x.d * y.d};
}
static NOINLINE Matrix power(Matrix m, uint32_t n) {
    if (n == 0) return (Matrix){1, 0, 0, 1};
    Matrix half = power(m, n / 2), square = product(half, half);
    return n & 1 ? product(square, m) : square;
}
typedef Division (*Divide)(int64_t, int64_t);
static NOINLINE Division divide_down(int64_t a, int64_t b) {
    Division d = divide(a, b);
    if (d.rest && (d.rest < 0) != (b < 0)) d.quotient--, d.rest += b;
    return d;
}

static uint64_t guest(int32_t scale) {
    static const Divide ways[] = {divide, divide_down};
    uint64_t sum = 0;
    Mixed m = {1, 2.0f, 3.0, 4};
    for (int32_t pass = 0; pass < scale * 10; pass++) {
        Complex z = {0, 0}, c = {-0.4 + (pass % 7) * 0.05, 0.6};
        int n = 0;
        for (; n < 50 && z.re * z.re + z.im * z.im < 4; n++) z = plus(times(z, z), c);
        Division d = ways[pass & 1](-1234567 * (int64_t)(pass + 1), 89 - (pass % 40) * 5);
        m = step(m, pass % 19);
        if (pass % 16 == 15) m = (Mixed){1, 2.0f, 3.0, m.d};
        Matrix f = power((Matrix){1, 1, 1, 0}, 90 + (uint32_t)pass);
        if (pass < 2) print("%d %.6f %lld %lld %d %.3f %u\n", n, z.re, (long long)d.quotient, (long long)d.rest, m.a, (double)m.b, f.b);
        sum = mix(sum, double_bits(z.im) + (uint64_t)d.quotient + (uint64_t)d.rest + (uint32_t)m.a + (uint64_t)m.d + f.b);
    }
    return sum;
}
