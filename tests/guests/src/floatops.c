/* Every float operation and conversion on edge values and random ones; NaNs are counted, not hashed. */
#include "guest.h"

static uint64_t sum;
static uint32_t nans;

static void add64(double v) {
    if (v != v) nans++;
    else sum = mix(sum, double_bits(v));
}
static void add32(float v) {
    if (v != v) nans++;
    else sum = mix(sum, float_bits(v));
}
static double nearest(double v) {
#ifdef __wasm__
    return __builtin_rint(v);
#else
    if (!(__builtin_fabs(v) < 4503599627370496.0)) return v;
    double r = v < 0 || double_bits(v) >> 63 ? (v - 4503599627370496.0) + 4503599627370496.0 : (v + 4503599627370496.0) - 4503599627370496.0;
    return __builtin_copysign(r, v);
#endif
}
/* C leaves out-of-range conversions undefined; WebAssembly's saturating ones say what these say. */
#define SATURATE(NAME, T, LOW, HIGH, MIN, MAX)                           \
    static T NAME(double v) {                                            \
        if (v != v) return 0;                                            \
        return v <= (LOW) ? (MIN) : v >= (HIGH) ? (MAX) : (T)v;          \
    }
SATURATE(to_i32, int32_t, -2147483648.0, 2147483647.0, INT32_MIN, INT32_MAX)
SATURATE(to_u32, uint32_t, 0.0, 4294967295.0, 0, UINT32_MAX)
SATURATE(to_i64, int64_t, -9223372036854775808.0, 9223372036854775808.0, INT64_MIN, INT64_MAX)
SATURATE(to_u64, uint64_t, 0.0, 18446744073709551616.0, 0, UINT64_MAX)

static NOINLINE void all(double a, double b) {
    add64(a + b), add64(a - b), add64(a * b), add64(a / b);
    add64(__builtin_fabs(a)), add64(-a), add64(__builtin_copysign(a, b)), add64(__builtin_sqrt(a));
    add64(__builtin_floor(a)), add64(__builtin_ceil(a)), add64(__builtin_trunc(a)), add64(nearest(a));
    add64(a < b ? a : b), add64(a > b ? a : b);
    sum = mix(sum, (uint64_t)((a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5));
    sum = mix(sum, (uint64_t)to_i32(a)), sum = mix(sum, to_u32(a)), sum = mix(sum, (uint64_t)to_i64(a)), sum = mix(sum, to_u64(a));
    float f = (float)a, g = (float)b;
    add32(f + g), add32(f - g), add32(f * g), add32(f / g), add32(__builtin_sqrtf(f)), add32(__builtin_copysignf(f, g));
    add32(__builtin_floorf(f)), add32(__builtin_ceilf(f)), add32(__builtin_truncf(f)), add32(__builtin_fabsf(f)), add32(-f);
    add64((double)f), add32(f < g ? f : g);
    sum = mix(sum, (uint64_t)((f < g) | (f <= g) << 1 | (f > g) << 2 | (f >= g) << 3 | (f == g) << 4 | (f != g) << 5));
    sum = mix(sum, (uint64_t)to_i32((double)f) ^ to_u64((double)g));
}
static NOINLINE void from_integers(uint64_t v) {
    add64((double)(int32_t)v), add64((double)(uint32_t)v), add64((double)(int64_t)v), add64((double)v);
    add32((float)(int32_t)v), add32((float)(uint32_t)v), add32((float)(int64_t)v), add32((float)v);
    double d;
    float f;
    uint32_t w = (uint32_t)v;
    __builtin_memcpy(&d, &v, 8), __builtin_memcpy(&f, &w, 4);
    add64(d), add32(f);
}

static uint64_t guest(int32_t scale) {
    static const double edges[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 1e300, -1e300, 1e-310, 5e-324, 2147483647.0, 2147483648.5, -2147483649.0,
                                   4294967295.5, 4294967296.0, 9.3e18, -9.3e18, 1.9e19, 16777217.0, 1e39, -1e-46, __builtin_inf(), -__builtin_inf(), __builtin_nan("")};
    for (uint32_t i = 0; i < COUNT(edges); i++)
        for (uint32_t j = 0; j < COUNT(edges); j++) all(edges[i], edges[j]);
    print("%016llx, %u not numbers\n", (unsigned long long)sum, nans);
    for (int32_t i = 0; i < scale * 100; i++) {
        uint64_t bits = random_u64();
        from_integers(bits >> (i & 63));
        double a = (random_double() - 0.5) * (double)(1ull << (i & 63)), b = (random_double() - 0.5) * (double)(1u << (i & 31));
        all(a, b);
    }
    return sum + nans;
}
