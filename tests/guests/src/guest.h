/* What every guest program stands on: a freestanding C support layer small enough that a module needs one import.
 *
 * A guest defines `static uint64_t guest(int32_t scale)`, prints through `print`, and returns a checksum of its work.
 * As WebAssembly it exports `run(i32) -> i64` and `memory`, and imports `env.write(ptr, len)`, which receives the text.
 * Compiled natively the same source is a shared object whose `run` calls `guest_write`, which its loader sets, or, with
 * -DGUEST_MAIN, a program that prints the text and then the checksum. Both must give the same bytes: guests use only
 * fixed-width integers, never draw two random numbers in one unsequenced expression, never print an address or a size of a pointer, and keep to IEEE operations (no contraction).
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if !defined(__wasm__) || defined(GUEST_MAIN)
#include <string.h>
#endif

#define NOINLINE __attribute__((noinline))
#define UNUSED __attribute__((unused))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t guest(int32_t scale);

/* ---- the world outside ---- */

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__wasm__) && !defined(GUEST_MAIN)
__attribute__((import_module("env"), import_name("write"))) void env_write(const char *text, uint32_t len);
#define EXPORT(name) __attribute__((export_name(name)))
#else
void (*guest_write)(const char *text, uint32_t len);
static void env_write(const char *text, uint32_t len) {
    if (guest_write) guest_write(text, len);
}
#define EXPORT(name) __attribute__((visibility("default")))
#endif

static UNUSED void fail(const char *why);

/* ---- memory and strings ---- */

#if defined(__wasm__) && !defined(GUEST_MAIN)
/* The compiler calls these by name, also for struct copies. */
#define LIBCALL __attribute__((no_builtin, noinline, used))
LIBCALL void *memcpy(void *dst, const void *src, size_t n) {
    uint8_t *d = (uint8_t *)dst;
    const uint8_t *s = (const uint8_t *)src;
    for (; n >= 8; n -= 8, d += 8, s += 8) {
        uint64_t w;
        __builtin_memcpy(&w, s, 8);
        __builtin_memcpy(d, &w, 8);
    }
    while (n--) *d++ = *s++;
    return dst;
}
LIBCALL void *memmove(void *dst, const void *src, size_t n) {
    uint8_t *d = (uint8_t *)dst;
    const uint8_t *s = (const uint8_t *)src;
    if (d <= s || d >= s + n) {
        for (; n >= 8; n -= 8, d += 8, s += 8) {
            uint64_t w;
            __builtin_memcpy(&w, s, 8);
            __builtin_memcpy(d, &w, 8);
        }
        while (n--) *d++ = *s++;
    } else {
        while (n--) d[n] = s[n];
    }
    return dst;
}
LIBCALL void *memset(void *dst, int c, size_t n) {
    uint8_t *d = (uint8_t *)dst;
    uint64_t w = (uint8_t)c * 0x0101010101010101ull;
    for (; n >= 8; n -= 8, d += 8) __builtin_memcpy(d, &w, 8);
    while (n--) *d++ = (uint8_t)c;
    return dst;
}
LIBCALL int memcmp(const void *a, const void *b, size_t n) {
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
    for (; n--; x++, y++)
        if (*x != *y) return *x < *y ? -1 : 1;
    return 0;
}
LIBCALL size_t strlen(const char *s) {
    const char *p = s;
    while (*p) p++;
    return (size_t)(p - s);
}
/* 64x64 to 128-bit products on targets without a wide multiplication. */
LIBCALL __int128 __multi3(__int128 a, __int128 b) {
    uint64_t al = (uint64_t)a, ah = (uint64_t)((unsigned __int128)a >> 64);
    uint64_t bl = (uint64_t)b, bh = (uint64_t)((unsigned __int128)b >> 64);
    uint64_t a0 = (uint32_t)al, a1 = al >> 32, b0 = (uint32_t)bl, b1 = bl >> 32;
    uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    uint64_t mid = (p00 >> 32) + (uint32_t)p01 + (uint32_t)p10;
    uint64_t low = (mid << 32) | (uint32_t)p00;
    uint64_t high = p11 + (p01 >> 32) + (p10 >> 32) + (mid >> 32) + al * bh + ah * bl;
    return (__int128)(((unsigned __int128)high << 64) | low);
}
#ifdef GUEST_BULK_MEMORY
#define memcpy __builtin_memcpy
#define memmove __builtin_memmove
#define memset __builtin_memset
#endif
#endif

static UNUSED int str_cmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (uint8_t)*a < (uint8_t)*b ? -1 : (uint8_t)*a > (uint8_t)*b;
}
static UNUSED char *str_copy(char *dst, const char *src) {
    char *d = dst;
    while ((*d++ = *src++)) {}
    return dst;
}

/* ---- text out: buffered, flushed when full and at the end of `run` ---- */

static char out_buffer[4096];
static uint32_t out_len;

static void flush(void) {
    if (out_len) env_write(out_buffer, out_len);
    out_len = 0;
}
static void put_char(char c) {
    if (out_len == sizeof out_buffer) flush();
    out_buffer[out_len++] = c;
}
static UNUSED void put_str(const char *s) {
    while (*s) put_char(*s++);
}
static void put_uint(uint64_t v, uint32_t base, int width, char pad, bool negative) {
    char digits[72];
    int n = 0;
    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    int total = n + negative;
    if (negative && pad == '0') put_char('-');
    for (; width > total; width--) put_char(pad);
    if (negative && pad != '0') put_char('-');
    while (n) put_char(digits[--n]);
}
static void put_fixed(double v, int digits) {
    if (v != v) {
        put_str("nan");
        return;
    }
    bool negative = v < 0;
    if (negative) v = -v;
    double unit = 1;
    for (int i = 0; i < digits; i++) unit *= 10;
    if (v * unit > 9e18) {
        put_str(negative ? "-big" : "big");
        return;
    }
    uint64_t scaled = (uint64_t)(v * unit + 0.5), whole = (uint64_t)unit;
    put_uint(scaled / whole, 10, 0, ' ', negative);
    if (digits) {
        put_char('.');
        put_uint(scaled % whole, 10, digits, '0', false);
    }
}
/* %d %u %x %lld %llu %llx %c %s %.Nf %%, with width and zero padding. */
static UNUSED void print(const char *format, ...) {
    va_list args;
    va_start(args, format);
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            put_char(*p);
            continue;
        }
        char pad = ' ';
        int width = 0, precision = 6, longs = 0;
        if (*++p == '0') pad = '0', p++;
        while (*p >= '0' && *p <= '9') width = width * 10 + (*p++ - '0');
        if (*p == '.') {
            precision = 0;
            p++;
            while (*p >= '0' && *p <= '9') precision = precision * 10 + (*p++ - '0');
        }
        while (*p == 'l') longs++, p++;
        switch (*p) {
        case 'd': {
            int64_t v = longs ? va_arg(args, long long) : va_arg(args, int);
            put_uint(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, width, pad, v < 0);
            break;
        }
        case 'u':
        case 'x': {
            uint64_t v = longs ? va_arg(args, unsigned long long) : va_arg(args, unsigned);
            put_uint(v, *p == 'x' ? 16 : 10, width, pad, false);
            break;
        }
        case 'f': put_fixed(va_arg(args, double), precision); break;
        case 'c': put_char((char)va_arg(args, int)); break;
        case 's': {
            const char *s = va_arg(args, const char *);
            int n = (int)strlen(s);
            for (; width > n; width--) put_char(' ');
            put_str(s);
            break;
        }
        default: put_char(*p);
        }
    }
    va_end(args);
}

static UNUSED void fail(const char *why) {
    print("FAILED: %s\n", why);
    flush();
    __builtin_trap();
}
#define CHECK(condition) ((condition) ? (void)0 : fail(#condition))

/* ---- heap: size classes by powers of two over a bump pointer; freed blocks go on their order's list ---- */

typedef struct FreeBlock {
    struct FreeBlock *next;
} FreeBlock;

static FreeBlock *heap_free[32];
static uint8_t *heap_next, *heap_end;

#if defined(__wasm__) && !defined(GUEST_MAIN)
extern uint8_t __heap_base;
static void heap_more(size_t n) {
    if (!heap_next) heap_next = (uint8_t *)(((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15), heap_end = (uint8_t *)(__builtin_wasm_memory_size(0) << 16);
    if (n <= (size_t)(heap_end - heap_next)) return;
    size_t pages = (n - (size_t)(heap_end - heap_next) + 0xffff) >> 16;
    if (pages < 16) pages = 16;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) fail("out of memory");
    heap_end += pages << 16;
}
#else
static uint8_t heap_area[512u << 20] __attribute__((aligned(16)));
static void heap_more(size_t n) {
    if (!heap_next) heap_next = heap_area, heap_end = heap_area + sizeof heap_area;
    if (n > (size_t)(heap_end - heap_next)) fail("out of memory");
}
#endif

/* The block's class sits in the 16 bytes before it, so that blocks stay 16-byte aligned. */
static UNUSED void *mem_alloc(size_t size) {
    uint32_t order = 4;
    while (((size_t)1 << order) < size) order++;
    FreeBlock *block = heap_free[order];
    if (block) {
        heap_free[order] = block->next;
        return block;
    }
    size_t whole = ((size_t)1 << order) + 16;
    if (!heap_next || whole > (size_t)(heap_end - heap_next)) heap_more(whole);
    uint8_t *p = heap_next;
    heap_next += whole;
    *(uint32_t *)(void *)p = order;
    return p + 16;
}
static UNUSED void mem_free(void *p) {
    if (!p) return;
    uint32_t order = *(uint32_t *)(void *)((uint8_t *)p - 16);
    FreeBlock *block = (FreeBlock *)p;
    block->next = heap_free[order];
    heap_free[order] = block;
}

/* ---- checksums and deterministic randomness ---- */

static inline UNUSED uint64_t mix(uint64_t hash, uint64_t v) {
    hash = (hash ^ v) * 0x9e3779b97f4a7c15ull;
    return hash ^ (hash >> 29);
}
static inline UNUSED uint64_t double_bits(double v) {
    uint64_t bits;
    __builtin_memcpy(&bits, &v, 8);
    return bits;
}
static inline UNUSED uint32_t float_bits(float v) {
    uint32_t bits;
    __builtin_memcpy(&bits, &v, 4);
    return bits;
}
static UNUSED uint64_t mix_bytes(uint64_t hash, const void *data, size_t n) {
    const uint8_t *p = (const uint8_t *)data;
    for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * 0x100000001b3ull;
    return hash;
}
static uint64_t random_state = 0x853c49e6748fea9bull;
static inline UNUSED uint32_t random_u32(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 24);
}
static inline UNUSED uint64_t random_u64(void) {
    uint64_t high = random_u32();
    return high << 32 | random_u32();
}
/* In [0, 1). */
static inline UNUSED double random_double(void) { return random_u32() * (1.0 / 4294967296.0); }

/* ---- the entry ---- */

EXPORT("run") int64_t run(int32_t scale) {
    uint64_t sum = guest(scale);
    flush();
    return (int64_t)sum;
}

#ifdef __cplusplus
}
#endif

#ifdef GUEST_MAIN
#include <stdio.h>
#include <stdlib.h>
static void write_stdout(const char *text, uint32_t len) { fwrite(text, 1, len, stdout); }
int main(int argc, char **argv) {
    guest_write = write_stdout;
    int64_t sum = run(argc > 1 ? atoi(argv[1]) : 1);
    printf("= %016llx\n", (unsigned long long)sum);
    return 0;
}
#endif

#endif
