/* Direct calls with three arguments whose results become arguments: Takeuchi's function, on integers and floats. */
#include "guest.h"

static NOINLINE int32_t tak(int32_t x, int32_t y, int32_t z) {
    return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}
static NOINLINE double takf(double x, double y, double z) {
    return y < x ? takf(takf(x - 1, y, z), takf(y - 1, z, x), takf(z - 1, x, y)) : z;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        int32_t a = tak(14 + (i & 1), 8, 3);
        double b = takf(12, 7, 2);
        if (i == 0) print("tak = %d, takf = %.3f\n", a, b);
        sum = mix(sum, (uint64_t)a + double_bits(b));
    }
    return sum;
}
