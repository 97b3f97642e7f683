/* 64x64 to 128-bit products: arithmetic modulo 2^255 - 19 and the X25519 ladder of RFC 7748. */
#include "guest.h"

typedef unsigned __int128 Wide;
typedef struct {
    uint64_t v[5]; /* 51 bits each */
} Field;
#define MASK ((1ull << 51) - 1)

static NOINLINE Field multiply(const Field *a, const Field *b) {
    Wide t[5];
    uint64_t b19[5];
    for (int i = 0; i < 5; i++) b19[i] = b->v[i] * 19;
    for (int i = 0; i < 5; i++) {
        t[i] = 0;
        for (int j = 0; j < 5; j++) t[i] += (Wide)a->v[j] * (j <= i ? b->v[i - j] : b19[5 + i - j]);
    }
    Field r;
    uint64_t carry = 0;
    for (int i = 0; i < 5; i++) {
        t[i] += carry;
        r.v[i] = (uint64_t)t[i] & MASK;
        carry = (uint64_t)(t[i] >> 51);
    }
    r.v[0] += carry * 19;
    r.v[1] += r.v[0] >> 51;
    r.v[0] &= MASK;
    return r;
}
static inline Field add(const Field *a, const Field *b) {
    Field r;
    for (int i = 0; i < 5; i++) r.v[i] = a->v[i] + b->v[i];
    return r;
}
/* a - b + 2p keeps every limb positive. */
static inline Field subtract(const Field *a, const Field *b) {
    Field r;
    for (int i = 0; i < 5; i++) r.v[i] = a->v[i] + (i ? 0xffffffffffffeull : 0xfffffffffffdaull) - b->v[i];
    uint64_t carry = 0;
    for (int i = 0; i < 5; i++) {
        r.v[i] += carry;
        carry = r.v[i] >> 51;
        r.v[i] &= MASK;
    }
    r.v[0] += carry * 19;
    return r;
}
static Field invert(const Field *a) {
    /* a^(p - 2): p - 2 has all bits of 255 set but bits 2 and 4. */
    Field r = {{1, 0, 0, 0, 0}};
    for (int bit = 254; bit >= 0; bit--) {
        r = multiply(&r, &r);
        if (bit != 2 && bit != 4) r = multiply(&r, a);
    }
    return r;
}
static void unpack(Field *f, const uint8_t *bytes) {
    for (int i = 0; i < 5; i++) f->v[i] = 0;
    for (int bit = 0; bit < 255; bit++) f->v[bit / 51] |= (uint64_t)(bytes[bit / 8] >> (bit % 8) & 1) << (bit % 51);
}
static void pack(uint8_t *bytes, Field f) {
    for (int round = 0; round < 3; round++) {
        uint64_t carry = 0;
        for (int i = 0; i < 5; i++) {
            f.v[i] += carry;
            carry = f.v[i] >> 51;
            f.v[i] &= MASK;
        }
        f.v[0] += carry * 19;
    }
    bool above = f.v[0] >= MASK - 18;
    for (int i = 1; i < 5; i++) above &= f.v[i] == MASK;
    if (above) {
        f.v[0] -= MASK - 18;
        for (int i = 1; i < 5; i++) f.v[i] = 0;
    }
    memset(bytes, 0, 32);
    for (int bit = 0; bit < 255; bit++) bytes[bit / 8] |= (uint8_t)((f.v[bit / 51] >> (bit % 51) & 1) << (bit % 8));
}
static void x25519(uint8_t *out, const uint8_t *scalar, const uint8_t *point) {
    Field x1, x2 = {{1, 0, 0, 0, 0}}, z2 = {{0, 0, 0, 0, 0}}, x3, z3 = {{1, 0, 0, 0, 0}}, k = {{121665, 0, 0, 0, 0}};
    unpack(&x1, point);
    x3 = x1;
    uint32_t swapped = 0;
    for (int bit = 254; bit >= 0; bit--) {
        uint32_t b = bit == 254 ? 1 : bit < 3 ? 0 : scalar[bit / 8] >> (bit % 8) & 1;
        if (b != swapped) {
            Field t = x2;
            x2 = x3, x3 = t;
            t = z2, z2 = z3, z3 = t;
            swapped = b;
        }
        Field a = add(&x2, &z2), s = subtract(&x2, &z2), c = add(&x3, &z3), d = subtract(&x3, &z3);
        Field aa = multiply(&a, &a), ss = multiply(&s, &s), e = subtract(&aa, &ss), da = multiply(&d, &a), cb = multiply(&c, &s);
        Field sum = add(&da, &cb), difference = subtract(&da, &cb);
        x3 = multiply(&sum, &sum);
        difference = multiply(&difference, &difference);
        z3 = multiply(&x1, &difference);
        x2 = multiply(&aa, &ss);
        Field ke = multiply(&k, &e);
        ke = add(&aa, &ke);
        z2 = multiply(&e, &ke);
    }
    if (swapped) x2 = x3, z2 = z3;
    z2 = invert(&z2);
    pack(out, multiply(&x2, &z2));
}

static uint64_t guest(int32_t scale) {
    /* RFC 7748, section 5.2: iterate from the base point. */
    uint8_t k[32] = {9}, u[32] = {9};
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        uint8_t next[32];
        x25519(next, k, u);
        memcpy(u, k, 32);
        memcpy(k, next, 32);
        if (i == 0) {
            for (int j = 0; j < 32; j++) print("%02x", k[j]);
            print("\n");
        }
        sum = mix_bytes(sum, k, 32);
    }
    return sum;
}
