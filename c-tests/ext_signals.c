/* Handlers of faults: there while the library has machine code that leaves checks to them, and not otherwise; switched off; under
 * handlers of the host's that know nothing of them but `wasmx_handle_fault`; on threads that block faults; and where there is no
 * address space for guards. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "check.h"

enum { MEMORY, LOAD, LOADS };

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_SANITIZER
#endif
#endif

static bool is_same(struct sigaction a) {
    struct sigaction now;
    CHECK(sigaction(SIGSEGV, NULL, &now) == 0);
    return now.sa_sigaction == a.sa_sigaction;
}

typedef struct {
    wasm_engine_t *engine;
    wasm_store_t *store;
    wasm_instance_t *instance;
    wasm_func_t *load, *loads;
} guest;

static guest new_guest(bool signals) {
    wasm_config_t *config = wasm_config_new();
    if (!signals) wasmx_config_set_signals(config, false);
    guest g = {.engine = wasm_engine_new_with_config(config)};
    g.store = wasm_store_new(g.engine);
    g.instance = INSTANCE_ALONE(g.store, ext_signals_wasm);
    g.load = export_func(g.instance, LOAD);
    g.loads = export_func(g.instance, LOADS);
    return g;
}

static void delete_guest(guest *g) {
    wasm_func_delete(g->load);
    wasm_func_delete(g->loads);
    wasm_instance_delete(g->instance);
    wasm_store_delete(g->store);
    wasm_engine_delete(g->engine);
}

static void check_traps(const guest *g) {
    static const int INSIDE[] = {0, 1, 65528}, OUTSIDE[] = {65529, 65532, 65536, 1 << 20, INT32_MAX, INT32_MIN, -1};
    for (size_t i = 0; i < sizeof INSIDE / sizeof *INSIDE; i++) {
        CHECK_INT(CALL_I32(g->load, i32_val(INSIDE[i])), 0);
        CHECK_INT(CALL_I32(g->loads, i32_val(INSIDE[i]), i32_val(50)), 0);
    }
    for (size_t i = 0; i < sizeof OUTSIDE / sizeof *OUTSIDE; i++) {
        wasm_trap_t *trap = CALL_TRAP(g->load, 1, i32_val(OUTSIDE[i]));
        CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_MEMORY_OUT_OF_BOUNDS);
        uint64_t address;
        if (wasmx_trap_fault_address(trap, &address)) CHECK(address == (uint64_t)(uint32_t)OUTSIDE[i] + 4);
        wasm_frame_t *origin = wasm_trap_origin(trap);
        CHECK_INT(wasm_frame_func_index(origin), 0);
        CHECK(wasm_frame_func_offset(origin) > 0);
        wasm_frame_delete(origin);
        wasm_trap_delete(trap);
        CHECK_TRAP(CALL_TRAP(g->loads, 1, i32_val(OUTSIDE[i] | 65533), i32_val(3)), "out of bounds memory access");
    }
}

/* Runs the guest until it is hot, and a little longer. */
static void warm_up(const guest *g) {
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 3000; i++) CHECK_INT(CALL_I32(g->load, i32_val(i)), 0);
        CHECK_INT(CALL_I32(g->loads, i32_val(0), i32_val(30000)), 0);
        nanosleep(&(struct timespec){0, 5000000}, NULL);
    }
}

/* ---------------------------------------------------------------- a host that replaces handlers without a look */

static sigjmp_buf back;
static volatile sig_atomic_t guests, own;

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    if (wasmx_handle_fault(info, context)) {
        guests++;
        return;
    }
    own++;
    siglongjmp(back, 1);
}

static void fault(unsigned char *forbidden) {
    if (sigsetjmp(back, 1) == 0) {
        *(volatile unsigned char *)forbidden = 1;
        CHECK(!"reached");
    }
}

static void *blocks_all(void *env) {
    sigset_t all;
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0);
    check_traps(env);
    return (void *)(uintptr_t)checks_passed;
}

int main(void) {
    struct sigaction before;
    CHECK(sigaction(SIGSEGV, NULL, &before) == 0);
    unsigned char *forbidden = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(forbidden != MAP_FAILED);

    wasmx_config_set_signals(NULL, true);
    CHECK(!wasmx_handle_fault(NULL, NULL));

    /* Off: no handler, whatever happens. */
    guest g = new_guest(false);
    check_traps(&g);
    warm_up(&g);
    CHECK(is_same(before));
    check_traps(&g);
    delete_guest(&g);

    /* On: a handler, where there is a compiler. */
    g = new_guest(true);
    check_traps(&g);
    warm_up(&g);
    bool has_handler = !is_same(before);
#ifndef UNDER_VALGRIND
    if (getenv("MACHINE_CODE")) CHECK(has_handler);
#endif
    check_traps(&g);

    /* Another engine without, at the same time. */
    guest other = new_guest(false);
    warm_up(&other);
    check_traps(&other);
    delete_guest(&other);
    CHECK_INT(!is_same(before), has_handler);

    /* The host's comes after ours, and forgets it. */
    struct sigaction action, ours;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    CHECK(sigaction(SIGSEGV, &action, &ours) == 0);
    fault(forbidden);
    CHECK_INT(own, 1);
    check_traps(&g);
    CHECK_INT(guests > 0, has_handler);
    fault(forbidden);
    CHECK_INT(own, 2);

    /* Engines that come and go below a handler of the host's. */
    for (int i = 0; i < 8; i++) {
        guest next = new_guest(true);
        warm_up(&next);
        check_traps(&next);
        if (i % 2 == 0) {
            delete_guest(&g);
            g = next;
        } else {
            delete_guest(&next);
        }
        fault(forbidden);
    }
    CHECK_INT(own, 10);
    CHECK(sigaction(SIGSEGV, &ours, NULL) == 0);
    check_traps(&g);

    pthread_t thread;
    void *passed;
    CHECK(pthread_create(&thread, NULL, blocks_all, &g) == 0);
    pthread_join(thread, &passed);
    checks_passed += (long)(uintptr_t)passed;
    check_traps(&g);
    delete_guest(&g);
    CHECK(is_same(before));

#if !defined(UNDER_SANITIZER) && !defined(UNDER_VALGRIND)
    /* No room for reservations of 4 GiB. */
    struct rlimit limit, small;
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
    small = limit;
    small.rlim_cur = (rlim_t)2 << 30;
    CHECK(setrlimit(RLIMIT_AS, &small) == 0);
    g = new_guest(true);
    check_traps(&g);
    warm_up(&g);
    check_traps(&g);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    /* The same module in both kinds of instances. */
    wasm_module_t *module = MODULE(g.store, ext_signals_wasm);
    for (int i = 0; i < 4; i++) {
        if (i & 1) CHECK(setrlimit(RLIMIT_AS, &small) == 0);
        wasm_instance_t *instance = link_module(g.store, module, 0, NULL);
        CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        guest same = {.load = export_func(instance, LOAD), .loads = export_func(instance, LOADS)};
        warm_up(&same);
        check_traps(&same);
        wasm_func_delete(same.load);
        wasm_func_delete(same.loads);
        wasm_instance_delete(instance);
    }
    wasm_module_delete(module);
    delete_guest(&g);
    CHECK(is_same(before));
#endif
    munmap(forbidden, 4096);
    /* The compiler's thread ends by itself. */
    nanosleep(&(struct timespec){0, 400000000}, NULL);
    return done();
}
