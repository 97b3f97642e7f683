/* Multi-word arithmetic with carries: factorials, Fibonacci numbers and digits of pi. */
#include "guest.h"

#define WORDS 400
typedef struct {
    uint32_t len, w[WORDS];
} Big;

static void big_set(Big *a, uint32_t v) { a->len = 1, a->w[0] = v; }
static NOINLINE void big_scale(Big *a, uint32_t k) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < a->len; i++) {
        carry += (uint64_t)a->w[i] * k;
        a->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) CHECK(a->len < WORDS), a->w[a->len++] = (uint32_t)carry;
}
static NOINLINE void big_add(Big *a, const Big *b) {
    uint64_t carry = 0;
    uint32_t n = a->len > b->len ? a->len : b->len;
    for (uint32_t i = 0; i < n; i++) {
        carry += (i < a->len ? a->w[i] : 0ull) + (i < b->len ? b->w[i] : 0u);
        a->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    a->len = n;
    if (carry) a->w[a->len++] = (uint32_t)carry;
}
static NOINLINE void big_multiply(Big *out, const Big *a, const Big *b) {
    CHECK(a->len + b->len <= WORDS);
    out->len = a->len + b->len;
    memset(out->w, 0, out->len * 4);
    for (uint32_t i = 0; i < a->len; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < b->len; j++) {
            carry += (uint64_t)a->w[i] * b->w[j] + out->w[i + j];
            out->w[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        out->w[i + b->len] = (uint32_t)carry;
    }
    while (out->len > 1 && !out->w[out->len - 1]) out->len--;
}
static NOINLINE uint32_t big_divide(Big *a, uint32_t by) {
    uint64_t rest = 0;
    for (uint32_t i = a->len; i-- > 0;) {
        rest = rest << 32 | a->w[i];
        a->w[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    while (a->len > 1 && !a->w[a->len - 1]) a->len--;
    return (uint32_t)rest;
}
static void big_print(Big a) {
    static char digits[WORDS * 10 + 1];
    char *p = digits + sizeof digits - 1;
    while (a.len > 1 || a.w[0]) {
        uint32_t part = big_divide(&a, 1000000000);
        for (int i = 0; i < 9 && (part || a.len > 1 || a.w[0]); i++, part /= 10) *--p = (char)('0' + part % 10);
    }
    print("%s\n", p);
}
/* Rabinowitz and Wagon's spigot. */
static NOINLINE uint64_t pi_digits(uint32_t count, bool show) {
    static uint32_t boxes[4096];
    uint32_t n = count * 10 / 3 + 1, nines = 0, held = 0, shown = 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) boxes[i] = 2;
    for (uint32_t d = 0; d < count; d++) {
        uint32_t carry = 0;
        for (uint32_t i = n; i-- > 0;) {
            uint32_t v = boxes[i] * 10 + carry, base = i ? 2 * i + 1 : 10;
            boxes[i] = v % base;
            carry = v / base * i;
            if (i == 0) {
                uint32_t digit = v / 10;
                if (digit == 9) {
                    nines++;
                } else {
                    if (d) sum = mix(sum, held + digit / 10);
                    if (show && d) print("%u", held + digit / 10), shown++;
                    for (; nines; nines--) {
                        if (show) print("%u", digit / 10 ? 0 : 9);
                    }
                    held = digit % 10;
                }
            }
        }
    }
    if (show) print("\n");
    return sum + shown;
}

static uint64_t guest(int32_t scale) {
    static Big factorial, product, a, b;
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        big_set(&factorial, 1);
        for (uint32_t i = 2; i <= 120; i++) big_scale(&factorial, i);
        big_multiply(&product, &factorial, &factorial);
        big_set(&a, 0), big_set(&b, 1);
        for (int i = 0; i < 250; i++) {
            big_add(&a, &b);
            Big t = a;
            a = b, b = t;
        }
        if (pass == 0) big_print(factorial), big_print(a);
        big_multiply(&factorial, &product, &a);
        sum = mix(sum, factorial.w[factorial.len - 1] + (uint64_t)big_divide(&factorial, 999999937 - (uint32_t)pass));
        sum = mix(sum, pi_digits(50, pass == 0));
    }
    return sum;
}
