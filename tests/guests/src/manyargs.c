/* Calls with many arguments of mixed types, struct arguments and results, and variadic calls. */
#include "guest.h"

typedef struct {
    int32_t a;
    double b;
    uint8_t c[5];
    int64_t d;
} Record;

static NOINLINE double blend(int32_t a, double b, int64_t c, float d, uint32_t e, double f, int32_t g, float h, int64_t i,
                             double j, uint8_t k, int16_t l) {
    return a * b + (double)c * d - (double)e / (f + 3) + g * h + (double)(i ^ k) * j + l;
}
static NOINLINE Record swap(Record r, int32_t by) {
    Record out = {.a = r.a + by, .b = r.b * 0.5 + by, .d = r.d ^ ((int64_t)by << 33)};
    for (int i = 0; i < 5; i++) out.c[i] = (uint8_t)(r.c[4 - i] + by);
    return out;
}
static NOINLINE int64_t sum_tagged(const char *tags, ...) {
    va_list args;
    va_start(args, tags);
    int64_t total = 0;
    for (; *tags; tags++) {
        if (*tags == 'i') total += va_arg(args, int);
        if (*tags == 'l') total ^= va_arg(args, long long);
        if (*tags == 'd') total += (int64_t)(va_arg(args, double) * 16);
        if (*tags == 'r') {
            Record r = va_arg(args, Record);
            total += r.a + r.c[2] + r.d;
        }
    }
    va_end(args);
    return total;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    Record r = {1, 2.5, {1, 2, 3, 4, 5}, 77};
    for (int32_t i = 0; i < scale * 200; i++) {
        double x = blend(i, r.b, r.d & 0xffff, (float)(i & 7), (uint32_t)i * 3, 0.25 * (i & 15), -i, 1.5f, i * 1000003ll, 0.125,
                         r.c[i % 5], (int16_t)(i * 77));
        r = swap(r, i & 31);
        int64_t v = sum_tagged("ildri", i, (long long)r.d, x, r, -1);
        if (i < 4) print("%d: %.4f %lld %02x%02x%02x\n", i, x, (long long)v, r.c[0], r.c[1], r.c[2]);
        sum = mix(sum, double_bits(x) + (uint64_t)v);
    }
    return sum;
}
