/* Recursive sorting in place: quicksort with median of three, insertion sort below, on ints and doubles. */
#include "guest.h"

#define N 4000
static int32_t values[N];
static double reals[N];

#define DEFINE_SORT(NAME, T)                                                                \
    static NOINLINE void NAME(T *a, int32_t low, int32_t high) {                            \
        while (high - low > 12) {                                                           \
            int32_t mid = low + (high - low) / 2;                                           \
            T x = a[low], y = a[mid], z = a[high];                                          \
            T pivot = x < y ? (y < z ? y : x < z ? z : x) : (x < z ? x : y < z ? z : y);    \
            int32_t i = low, j = high;                                                      \
            while (i <= j) {                                                                \
                while (a[i] < pivot) i++;                                                   \
                while (pivot < a[j]) j--;                                                   \
                if (i <= j) {                                                               \
                    T t = a[i];                                                             \
                    a[i++] = a[j], a[j--] = t;                                              \
                }                                                                           \
            }                                                                               \
            if (j - low < high - i) {                                                       \
                NAME(a, low, j);                                                            \
                low = i;                                                                    \
            } else {                                                                        \
                NAME(a, i, high);                                                           \
                high = j;                                                                   \
            }                                                                               \
        }                                                                                   \
        for (int32_t i = low + 1; i <= high; i++) {                                         \
            T v = a[i];                                                                     \
            int32_t j = i;                                                                  \
            for (; j > low && v < a[j - 1]; j--) a[j] = a[j - 1];                           \
            a[j] = v;                                                                       \
        }                                                                                   \
    }
DEFINE_SORT(sort_ints, int32_t)
DEFINE_SORT(sort_doubles, double)

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (int i = 0; i < N; i++) values[i] = (int32_t)random_u32() >> (pass % 20), reals[i] = random_double() * 2 - 1;
        sort_ints(values, 0, N - 1);
        sort_doubles(reals, 0, N - 1);
        for (int i = 1; i < N; i++) CHECK(values[i - 1] <= values[i] && reals[i - 1] <= reals[i]);
        if (pass == 0) print("%d %d %d %.6f %.6f\n", values[0], values[N / 2], values[N - 1], reals[0], reals[N - 1]);
        sum = mix(sum, (uint32_t)values[N / 3] + double_bits(reals[N / 5]));
    }
    return sum;
}
