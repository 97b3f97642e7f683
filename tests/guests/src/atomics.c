/* Atomic loads, stores, read-modify-writes and exchanges of every width, on one thread: a lock, a queue, a counter each. */
#include "guest.h"

static uint8_t bytes[8];
static uint16_t halves[8];
static uint32_t words[8];
static uint64_t longs[8];
#define ORDER __ATOMIC_SEQ_CST

#define EVERY(T, CELLS)                                                                        \
    static NOINLINE uint64_t every_##T(T v, uint32_t i) {                                      \
        T *p = &CELLS[i & 7], expected = (T)(i % 3), old;                                      \
        uint64_t h = __atomic_fetch_add(p, v, ORDER);                                          \
        h = mix(h, __atomic_fetch_sub(p, (T)(v >> 1), ORDER));                                 \
        h = mix(h, __atomic_fetch_xor(p, (T)(v * 3), ORDER));                                  \
        h = mix(h, __atomic_fetch_or(p, (T)(v & 0x55), ORDER));                                \
        h = mix(h, __atomic_fetch_and(p, (T)~(v & 0x0f), ORDER));                              \
        h = mix(h, __atomic_exchange_n(p, (T)(v + i), ORDER));                                 \
        h = mix(h, __atomic_compare_exchange_n(p, &expected, v, false, ORDER, ORDER));         \
        old = __atomic_load_n(p, ORDER);                                                       \
        h = mix(h, __atomic_compare_exchange_n(p, &old, (T)(v ^ i), false, ORDER, ORDER));     \
        __atomic_store_n(&CELLS[(i + 1) & 7], (T)(expected + old), ORDER);                     \
        return mix(h, __atomic_load_n(p, ORDER));                                              \
    }
EVERY(uint8_t, bytes)
EVERY(uint16_t, halves)
EVERY(uint32_t, words)
EVERY(uint64_t, longs)

/* A bounded queue with a sequence number per cell, as several producers and consumers would use it. */
#define CELLS 64
static struct {
    uint32_t sequence, value;
} cells[CELLS];
static uint32_t head, tail, lock;

static bool push(uint32_t v) {
    for (uint32_t at = __atomic_load_n(&tail, __ATOMIC_RELAXED);;) {
        int32_t ahead = (int32_t)(__atomic_load_n(&cells[at % CELLS].sequence, __ATOMIC_ACQUIRE) - at);
        if (ahead < 0) return false;
        if (ahead > 0) at = __atomic_load_n(&tail, __ATOMIC_RELAXED);
        else if (__atomic_compare_exchange_n(&tail, &at, at + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            cells[at % CELLS].value = v;
            __atomic_store_n(&cells[at % CELLS].sequence, at + 1, __ATOMIC_RELEASE);
            return true;
        }
    }
}
static bool pop(uint32_t *v) {
    for (uint32_t at = __atomic_load_n(&head, __ATOMIC_RELAXED);;) {
        int32_t ahead = (int32_t)(__atomic_load_n(&cells[at % CELLS].sequence, __ATOMIC_ACQUIRE) - (at + 1));
        if (ahead < 0) return false;
        if (ahead > 0) at = __atomic_load_n(&head, __ATOMIC_RELAXED);
        else if (__atomic_compare_exchange_n(&head, &at, at + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            *v = cells[at % CELLS].value;
            __atomic_store_n(&cells[at % CELLS].sequence, at + CELLS, __ATOMIC_RELEASE);
            return true;
        }
    }
}

static uint64_t guest(int32_t scale) {
    for (uint32_t i = 0; i < CELLS; i++) cells[i].sequence = i;
    uint64_t sum = 0;
    uint32_t refused = 0, empty = 0, v = 0;
    for (uint32_t i = 0; i < (uint32_t)scale * 100; i++) {
        uint64_t r = random_u64();
        sum = mix(sum, every_uint8_t((uint8_t)r, i) ^ every_uint16_t((uint16_t)(r >> 8), i));
        sum = mix(sum, every_uint32_t((uint32_t)(r >> 16), i) ^ every_uint64_t(r, i));
        while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) {}
        __atomic_thread_fence(ORDER);
        refused += !push((uint32_t)r);
        if (r >> 60 < 12) empty += !pop(&v), sum = mix(sum, v);
        if (r >> 54 == 5)
            while (pop(&v)) sum = mix(sum, v);
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    }
    print("%u refused, %u empty, %02x %04x %08x %016llx\n", refused, empty, bytes[3], halves[4], words[5], (unsigned long long)longs[6]);
    return sum;
}
