/* One memory, several threads: a parking mutex, a barrier, a queue of many producers and consumers, and litmus tests.
 *
 * Every thread of the host has an instance of its own and calls `worker(id, threads, rounds)`; then one calls
 * `report()`. All answers are the same however the threads interleave. Natively the same program runs on pthreads.
 */
#include "../guest.h"

#ifdef __wasm__
static void wait_while(uint32_t *cell, uint32_t value) { __builtin_wasm_memory_atomic_wait32((int32_t *)cell, (int32_t)value, -1); }
static void wake(uint32_t *cell, uint32_t count) { __builtin_wasm_memory_atomic_notify((int32_t *)cell, count); }
#else
#include <sched.h>
static void wait_while(uint32_t *cell, uint32_t value) {
    if (__atomic_load_n(cell, __ATOMIC_SEQ_CST) == value) sched_yield();
}
static void wake(uint32_t *cell, uint32_t count) { (void)cell, (void)count; }
#endif

#define LOAD(p) __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define STORE(p, v) __atomic_store_n(p, v, __ATOMIC_SEQ_CST)
#define ADD(p, v) __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)

/* 0 free, 1 held, 2 held and somebody sleeps. */
typedef uint32_t Mutex;
static void acquire(Mutex *m) {
    uint32_t seen = 0;
    if (__atomic_compare_exchange_n(m, &seen, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
    if (seen != 2) seen = __atomic_exchange_n(m, 2, __ATOMIC_ACQUIRE);
    while (seen) {
        wait_while(m, 2);
        seen = __atomic_exchange_n(m, 2, __ATOMIC_ACQUIRE);
    }
}
static void release(Mutex *m) {
    if (__atomic_exchange_n(m, 0, __ATOMIC_RELEASE) == 2) wake(m, 1);
}

static uint32_t arrived, generation;
static void barrier(uint32_t threads) {
    uint32_t now = LOAD(&generation);
    if (ADD(&arrived, 1) + 1 == threads) {
        STORE(&arrived, 0);
        ADD(&generation, 1);
        wake(&generation, ~0u);
    } else {
        while (LOAD(&generation) == now) wait_while(&generation, now);
    }
}

#define CELLS 32
static struct {
    uint32_t sequence, value;
} cells[CELLS];
static uint32_t head, tail;
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

static Mutex counting, ready;
static uint64_t plain_counter, sum_pushed, sum_popped;
static uint32_t popped, histogram[16], x, y, results[2], message, flag, forbidden;
static uint16_t narrow_counter;
static uint64_t wide_counter;

/* Sequential consistency: of two threads that each store one variable and load the other, one sees the other's store. */
static void store_buffering(uint32_t id, uint32_t threads, uint32_t rounds) {
    for (uint32_t i = 0; i < rounds; i++) {
        barrier(threads);
        if (id == 0) STORE(&x, 1), results[0] = LOAD(&y);
        if (id == 1) STORE(&y, 1), results[1] = LOAD(&x);
        barrier(threads);
        if (id == 0) {
            if (!results[0] && !results[1]) ADD(&forbidden, 1);
            STORE(&x, 0), STORE(&y, 0);
        }
    }
}
/* Message passing: who sees the flag sees what was written before it. */
static void pass_messages(uint32_t id, uint32_t threads, uint32_t rounds) {
    for (uint32_t i = 1; i <= rounds; i++) {
        barrier(threads);
        if (id == 0) {
            message = i * 3;
            STORE(&flag, i);
            wake(&flag, ~0u);
        } else {
            for (uint32_t seen; (seen = LOAD(&flag)) != i;) wait_while(&flag, seen);
            if (message != i * 3) ADD(&forbidden, 1);
        }
        barrier(threads);
    }
}

#ifdef __wasm__
/* Threads share the memory and must not share a stack: each takes its own before it does anything else. */
static uint8_t stacks[16][16384] __attribute__((aligned(16)));
EXPORT("use_stack") __attribute__((noinline)) void use_stack(uint32_t id) {
    void *top = stacks[id] + sizeof stacks[0];
    __asm__ volatile("local.get %0\nglobal.set __stack_pointer" : : "r"(top));
}
#endif

EXPORT("worker") void worker(uint32_t id, uint32_t threads, uint32_t rounds) {
    uint32_t expected = 0;
    if (__atomic_compare_exchange_n(&ready, &expected, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        for (uint32_t i = 0; i < CELLS; i++) cells[i].sequence = i;
        STORE(&ready, 2);
        wake(&ready, ~0u);
    }
    while (LOAD(&ready) != 2) wait_while(&ready, 1);
    barrier(threads);

    for (uint32_t i = 0; i < rounds; i++) {
        acquire(&counting);
        plain_counter += id + 1;
        histogram[plain_counter % 16]++;
        release(&counting);
        __atomic_fetch_add(&narrow_counter, (uint16_t)(i * 3), __ATOMIC_RELAXED);
        __atomic_fetch_xor(&wide_counter, (uint64_t)(i + 1) << (id * 8), __ATOMIC_RELAXED);
    }
    barrier(threads);

    /* Everybody produces and consumes; the last pops end when all are accounted for. */
    uint64_t pushed = 0, taken = 0;
    uint32_t v;
    for (uint32_t i = 0; i < rounds; i++) {
        uint32_t item = id * rounds + i;
        while (!push(item))
            if (pop(&v)) taken += v, ADD(&popped, 1);
        pushed += item;
        if (i % 3 && pop(&v)) taken += v, ADD(&popped, 1);
    }
    while (LOAD(&popped) < threads * rounds)
        if (pop(&v)) taken += v, ADD(&popped, 1);
    __atomic_fetch_add(&sum_pushed, pushed, __ATOMIC_RELAXED);
    __atomic_fetch_add(&sum_popped, taken, __ATOMIC_RELAXED);

    if (threads > 1) store_buffering(id, threads, rounds / 8), pass_messages(id, threads, rounds / 8);
    barrier(threads);
}

EXPORT("report") int64_t report(void) {
    uint32_t entries = 0;
    for (int i = 0; i < 16; i++) entries += histogram[i];
    print("counted %llu in %u turns, %u, %016llx\n", (unsigned long long)plain_counter, entries, narrow_counter, (unsigned long long)wide_counter);
    print("popped %u, sums %llu and %llu, %u forbidden\n", popped, (unsigned long long)sum_pushed, (unsigned long long)sum_popped, forbidden);
    flush();
    return (int64_t)mix(plain_counter + popped, sum_popped + narrow_counter + forbidden);
}

static uint64_t guest(int32_t scale) {
    worker(0, 1, (uint32_t)scale);
    return (uint64_t)report();
}

#ifdef THREADS_MAIN
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static uint32_t thread_count, round_count;
static void *start(void *id) {
    worker((uint32_t)(uintptr_t)id, thread_count, round_count);
    return NULL;
}
static void write_out(const char *text, uint32_t len) { fwrite(text, 1, len, stdout); }
int main(int argc, char **argv) {
    pthread_t threads[16];
    guest_write = write_out;
    thread_count = argc > 1 ? (uint32_t)atoi(argv[1]) : 4, round_count = argc > 2 ? (uint32_t)atoi(argv[2]) : 1000;
    for (uint32_t i = 0; i < thread_count; i++) pthread_create(&threads[i], NULL, start, (void *)(uintptr_t)i);
    for (uint32_t i = 0; i < thread_count; i++) pthread_join(threads[i], NULL);
    printf("= %016llx\n", (unsigned long long)report());
    return 0;
}
#endif
