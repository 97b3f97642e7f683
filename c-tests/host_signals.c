/* A host with signal handlers of its own. Its handlers were there before the library, or come after it; its faults reach them,
 * with all that the system says of a fault; guests trap as ever meanwhile; and when the library has nothing left to do,
 * handlers and alternate stacks are as they were. Timers ring while guests run. No thread of the library takes a signal. */
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { MEMORY, LOAD, DIVIDE, UNREACHABLE, DEEP, SPIN, PASSES };

static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE};
enum { NUM_FAULTS = sizeof FAULTS / sizeof *FAULTS };

static wasm_trap_t *down(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = i32_val(args->data[0].of.i32);
    return NULL;
}

/* ---------------------------------------------------------------- the host's faults */

static sigjmp_buf back;
static volatile sig_atomic_t caught;
static void *volatile fault_address;
static void *volatile fault_context;

static void on_fault(int signal, siginfo_t *info, void *context) {
    caught = signal;
    fault_address = info->si_addr;
    fault_context = context;
    siglongjmp(back, 1);
}

/* Another host's: without SA_SIGINFO. */
static void on_fault_plain(int signal) {
    caught = signal;
    siglongjmp(back, 1);
}

static unsigned char *forbidden;

static void install(bool with_info, int flags, struct sigaction before[NUM_FAULTS]) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    action.sa_flags = flags | (with_info ? SA_SIGINFO : 0);
    if (with_info) {
        action.sa_sigaction = on_fault;
    } else {
        action.sa_handler = on_fault_plain;
    }
    for (int i = 0; i < NUM_FAULTS; i++) CHECK(sigaction(FAULTS[i], &action, &before[i]) == 0);
}

static void restore(const struct sigaction before[NUM_FAULTS]) {
    for (int i = 0; i < NUM_FAULTS; i++) CHECK(sigaction(FAULTS[i], &before[i], NULL) == 0);
}

static void raise_fault(int signal) {
    caught = 0;
    if (sigsetjmp(back, 1) == 0) {
        raise(signal);
        CHECK(!"reached");
    }
    CHECK_INT(caught, signal);
}

/* Faults in the host's own code. */
static void fault(bool with_info) {
    caught = 0;
    fault_address = fault_context = NULL;
    if (sigsetjmp(back, 1) == 0) {
        *(volatile unsigned char *)(forbidden + 100) = 1;
        CHECK(!"reached");
    }
    CHECK_INT(caught, SIGSEGV);
    if (with_info) CHECK(fault_address == forbidden + 100 && fault_context != NULL);
    for (int i = 0; i < NUM_FAULTS; i++) raise_fault(FAULTS[i]);
}

/* A flag between the C library and the system. */
enum { RESTORER = 0x04000000 };

/* The handlers with their flags and masks. */
static void check_handlers(const struct sigaction expected[NUM_FAULTS]) {
    for (int i = 0; i < NUM_FAULTS; i++) {
        struct sigaction now;
        CHECK(sigaction(FAULTS[i], NULL, &now) == 0);
        CHECK_INT(now.sa_flags & ~RESTORER, expected[i].sa_flags & ~RESTORER);
        CHECK(now.sa_sigaction == expected[i].sa_sigaction);
        for (int s = 1; s < 32; s++) CHECK_INT(sigismember(&now.sa_mask, s), sigismember(&expected[i].sa_mask, s));
    }
}

static void current_handlers(struct sigaction now[NUM_FAULTS]) {
    for (int i = 0; i < NUM_FAULTS; i++) CHECK(sigaction(FAULTS[i], NULL, &now[i]) == 0);
}

/* ---------------------------------------------------------------- guests */

typedef struct {
    wasm_engine_t *engine;
    wasm_store_t *store;
    wasm_instance_t *instance;
    wasm_func_t *load, *divide, *unreachable, *deep, *spin, *passes;
} guest;

static guest new_guest(void) {
    guest g;
    g.engine = wasm_engine_new();
    g.store = wasm_store_new(g.engine);
    wasm_func_t *callback = host_func(g.store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), down);
    g.instance = INSTANCE(g.store, guest_wasm, wasm_func_as_extern(callback));
    wasm_func_delete(callback);
    g.load = export_func(g.instance, LOAD);
    g.divide = export_func(g.instance, DIVIDE);
    g.unreachable = export_func(g.instance, UNREACHABLE);
    g.deep = export_func(g.instance, DEEP);
    g.spin = export_func(g.instance, SPIN);
    g.passes = export_func(g.instance, PASSES);
    /* Where there is a compiler it is machine code that traps, after a while. */
    for (int i = 0; i < 3000; i++) CHECK_INT(CALL_I32(g.load, i32_val(i)), 0);
    CHECK_INT(CALL_I32(g.deep, i32_val(3000)), 3000);
    nanosleep(&(struct timespec){0, 30000000}, NULL);
    return g;
}

static void delete_guest(guest *g) {
    wasm_func_t *funcs[] = {g->load, g->divide, g->unreachable, g->deep, g->spin, g->passes};
    for (size_t i = 0; i < sizeof funcs / sizeof *funcs; i++) wasm_func_delete(funcs[i]);
    wasm_instance_delete(g->instance);
    wasm_store_delete(g->store);
    wasm_engine_delete(g->engine);
}

static void check_traps(const guest *g) {
    CHECK_INT(CALL_I32(g->load, i32_val(65532)), 0);
    CHECK_TRAP(CALL_TRAP(g->load, 1, i32_val(65533)), "out of bounds memory access");
    CHECK_TRAP(CALL_TRAP(g->load, 1, i32_val(65536)), "out of bounds memory access");
    CHECK_TRAP(CALL_TRAP(g->load, 1, i32_val(-1)), "out of bounds memory access");
    CHECK_TRAP(CALL_TRAP(g->load, 1, i32_val(INT32_MIN)), "out of bounds memory access");
    CHECK_INT(CALL_I32(g->divide, i32_val(7), i32_val(2)), 3);
    CHECK_TRAP(CALL_TRAP(g->divide, 1, i32_val(7), i32_val(0)), "integer divide by zero");
    CHECK_TRAP(CALL_TRAP(g->divide, 1, i32_val(INT32_MIN), i32_val(-1)), "integer overflow");
    CHECK_TRAP(CALL_TRAP_0(g->unreachable, 0), "unreachable");
    CHECK_INT(CALL_I32(g->deep, i32_val(500)), 500);
    CHECK_TRAP(CALL_TRAP(g->deep, 1, i32_val(-1)), "call stack exhausted");
}

static void *faults_elsewhere(void *unused) {
    (void)unused;
    guest g = new_guest();
    for (int i = 0; i < 3; i++) check_traps(&g);
    delete_guest(&g);
    return (void *)(uintptr_t)checks_passed;
}

/* ---------------------------------------------------------------- timers */

static volatile sig_atomic_t rings;
static char alternate[64 << 10];
static volatile sig_atomic_t on_alternate;

/* Uses some stack, as a handler that writes a log does. */
static void on_ring(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    volatile char scratch[4096];
    for (size_t i = 0; i < sizeof scratch; i += 64) scratch[i] = 1;
    /* A sanitizer may keep locals elsewhere. */
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), low = (uintptr_t)alternate;
    on_alternate += here >= low && here < low + sizeof alternate;
    rings++;
}

static void check_timer(const guest *g, int which, int signal, int flags) {
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_ring;
    action.sa_flags = SA_SIGINFO | SA_RESTART | flags;
    CHECK(sigaction(signal, &action, &before) == 0);
    rings = on_alternate = 0;
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    CHECK(setitimer(which, &often, NULL) == 0);
    for (int i = 0; i < 5; i++) {
        CHECK(wasmx_store_set_deadline(g->store, 20000000));
        CHECK_TRAP(CALL_TRAP_0(i & 1 ? g->spin : g->passes, 1 - (i & 1)), "deadline exceeded");
        wasmx_store_clear_deadline(g->store);
        CHECK_TRAP(CALL_TRAP(g->deep, 1, i32_val(-1)), "call stack exhausted");
        CHECK_TRAP(CALL_TRAP(g->load, 1, i32_val(65533)), "out of bounds memory access");
    }
    CHECK(setitimer(which, &never, NULL) == 0);
    struct sigaction ignore = {.sa_handler = SIG_IGN}; /* forgets a ring that is on its way */
    CHECK(sigaction(signal, &ignore, NULL) == 0);
    CHECK(sigaction(signal, &before, NULL) == 0);
    CHECK(rings > 0);
    if (flags & SA_ONSTACK) CHECK(on_alternate == rings);
}

/* ---------------------------------------------------------------- threads */

static volatile sig_atomic_t users;
static pthread_t main_thread;
static volatile sig_atomic_t on_main;

static void on_user(int signal) {
    (void)signal;
    users++;
    on_main = pthread_equal(pthread_self(), main_thread) != 0;
}

/* A signal for the process waits until the host's thread takes it: the library's never does. */
static void check_threads(const guest *g) {
    signal(SIGUSR1, on_user);
    sigset_t block, before;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, &block, &before) == 0);
    CHECK(wasmx_store_set_deadline(g->store, 30000000));
    kill(getpid(), SIGUSR1);
    CHECK_TRAP(CALL_TRAP_0(g->spin, 0), "deadline exceeded");
    CHECK_INT(users, 0);
#if defined(__linux__) && !defined(UNDER_VALGRIND)
    DIR *tasks = opendir("/proc/self/task");
    int threads = 0;
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        char path[300], line[256];
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        bool ours = false;
        while (fgets(line, sizeof line, file)) {
            ours |= strncmp(line, "Name:\twasm ", 11) == 0;
            unsigned long long blocked;
            /* All but SIGKILL, SIGSTOP, and the two that the C library keeps for itself. */
            if (ours && sscanf(line, "SigBlk: %llx", &blocked) == 1) {
                CHECK((blocked | 1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1) | 3ull << 31) == ~0ull);
                threads++;
            }
        }
        fclose(file);
    }
    closedir(tasks);
    CHECK(threads >= 1);
#endif
    main_thread = pthread_self();
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    CHECK_INT(users, 1);
    CHECK(on_main);
    signal(SIGUSR1, SIG_DFL);
}

int main(void) {
    /* May be read: else memcheck would complain before the system does. */
    forbidden = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(forbidden != MAP_FAILED);
    stack_t own = {.ss_sp = alternate, .ss_size = sizeof alternate}, found;
    CHECK(sigaltstack(&own, NULL) == 0);
    struct sigaction first[NUM_FAULTS], mine[NUM_FAULTS], ignored[NUM_FAULTS];

    /* Handlers from before us. */
    install(true, SA_ONSTACK, first);
    current_handlers(mine);
    for (int round = 0; round < 3; round++) {
        guest g = new_guest();
        check_traps(&g);
        fault(true);
        check_traps(&g);
        pthread_t thread;
        void *passed;
        CHECK(pthread_create(&thread, NULL, faults_elsewhere, NULL) == 0);
        fault(true);
        pthread_join(thread, &passed);
        checks_passed += (long)(uintptr_t)passed;
        delete_guest(&g);
        check_handlers(mine);
        CHECK(sigaltstack(NULL, &found) == 0);
        CHECK(found.ss_sp == own.ss_sp && found.ss_size == own.ss_size && found.ss_flags == 0);
        fault(true);
    }

    /* Without information, without an alternate stack, and only once. */
    install(false, SA_NODEFER | SA_RESETHAND, ignored);
    for (int i = 0; i < 2; i++) {
        guest g = new_guest();
        check_traps(&g);
        for (int n = 0; n < NUM_FAULTS; n++) raise_fault(FAULTS[n]);
        install(false, SA_NODEFER | SA_RESETHAND, ignored);
        delete_guest(&g);
    }
    restore(mine);

    /* A host that ignores what others send it still has guests that trap. */
    for (int i = 0; i < NUM_FAULTS; i++) signal(FAULTS[i], SIG_IGN);
    guest g = new_guest();
    check_traps(&g);
    raise(SIGFPE);
    kill(getpid(), SIGSEGV);
    kill(getpid(), SIGBUS);
    check_traps(&g);
    delete_guest(&g);
    for (int i = 0; i < NUM_FAULTS; i++) {
        struct sigaction now;
        CHECK(sigaction(FAULTS[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN);
    }
    restore(first);

    /* Handlers that come after us, and know whom they replace. */
    g = new_guest();
    check_traps(&g);
    struct sigaction replaced[NUM_FAULTS];
    install(true, 0, replaced);
    fault(true);
    restore(replaced);
    check_traps(&g);

    /* Timers, with and without the host's alternate stack. */
    check_timer(&g, ITIMER_REAL, SIGALRM, SA_ONSTACK);
    check_timer(&g, ITIMER_REAL, SIGALRM, 0);
    check_timer(&g, ITIMER_PROF, SIGPROF, SA_ONSTACK);
    check_timer(&g, ITIMER_PROF, SIGPROF, 0);
    check_threads(&g);
    delete_guest(&g);
    check_handlers(first);

    stack_t none = {.ss_flags = SS_DISABLE};
    CHECK(sigaltstack(&none, NULL) == 0);
    munmap(forbidden, 65536);
    /* The thread of the deadlines ends by itself; a checker of leaks should not see it. */
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    return done();
}
