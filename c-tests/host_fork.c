/* A process that forks while it has guests, and while the library has threads: parent and child both go on with what they have,
 * each with its own copy of it. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { MEMORY, LOAD, DIVIDE, UNREACHABLE, DEEP, SPIN, PASSES, UP };

#ifdef UNDER_VALGRIND
enum { FORKS = 3 };
#else
enum { FORKS = 40 };
#endif

static wasm_trap_t *down(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = i32_val(args->data[0].of.i32);
    return NULL;
}

typedef struct {
    wasm_store_t *store;
    wasm_func_t *callback;
    wasm_instance_t *instance;
    wasm_memory_t *memory;
    wasm_func_t *load, *deep, *spin;
} guest;

static guest new_guest(wasm_engine_t *engine) {
    guest g = {.store = wasm_store_new(engine)};
    g.callback = host_func(g.store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), down);
    g.instance = INSTANCE(g.store, guest_wasm, wasm_func_as_extern(g.callback));
    g.memory = export_memory(g.instance, MEMORY);
    g.load = export_func(g.instance, LOAD);
    g.deep = export_func(g.instance, DEEP);
    g.spin = export_func(g.instance, SPIN);
    return g;
}

static void delete_guest(guest *g) {
    wasm_func_delete(g->load);
    wasm_func_delete(g->deep);
    wasm_func_delete(g->spin);
    wasm_memory_delete(g->memory);
    wasm_func_delete(g->callback);
    wasm_instance_delete(g->instance);
    wasm_store_delete(g->store);
}

static void use(guest *g, int word) {
    CHECK_INT(CALL_I32(g->load, i32_val(8)), word);
    CHECK_TRAP(CALL_TRAP(g->load, 1, i32_val(-1)), "out of bounds memory access");
    CHECK_INT(CALL_I32(g->deep, i32_val(100)), 100);
    CHECK_TRAP(CALL_TRAP(g->deep, 1, i32_val(-1)), "call stack exhausted");
    wasm_memory_data(g->memory)[8]++;
    CHECK_INT(CALL_I32(g->load, i32_val(8)), word + 1);
    /* A deadline is the process's own: one that was set before the fork does not count in the child. */
    CHECK(wasmx_store_set_deadline(g->store, 3000000));
    CHECK_TRAP(CALL_TRAP_0(g->spin, 0), "deadline exceeded");
    wasmx_store_clear_deadline(g->store);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    guest g = new_guest(engine), other = new_guest(engine);
    for (int i = 0; i < FORKS; i++) {
        /* The thread of the deadlines is running, and sometimes at work: this one comes at any time. */
        CHECK(wasmx_store_set_deadline(other.store, (uint64_t)(i % 5) * 300000));
        CHECK(wasmx_store_set_deadline(g.store, UINT64_C(60000000000)));
        fflush(NULL);
#ifdef __SANITIZE_ADDRESS__
        /* The sanitizer's allocator takes no locks for a fork (that of GCC 12): if a thread is in it at that moment, as each is when it
         * starts, it stays locked in the child for ever. So here they are let come to rest. */
        nanosleep(&(struct timespec){0, 5000000}, NULL);
#endif
        int pipes[2];
        CHECK(pipe(pipes) == 0);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            alarm(60); /* a child that hangs is a failure, not a test that never ends */
            use(&g, i);
            guest own = new_guest(engine);
            use(&own, 0);
            delete_guest(&own);
            delete_guest(&g);
            delete_guest(&other);
            wasm_engine_delete(engine);
            /* Checkers of leaks are for the parent. */
            CHECK(write(pipes[1], "k", 1) == 1);
            kill(getpid(), SIGKILL);
        }
        use(&g, i);
        int status = -1;
        CHECK(waitpid(child, &status, 0) == child);
        char word = 0;
        close(pipes[1]);
        CHECK(read(pipes[0], &word, 1) == 1 && word == 'k');
        close(pipes[0]);
        wasmx_store_clear_deadline(other.store);
        wasmx_store_clear_interrupt(other.store);
    }
    delete_guest(&g);
    delete_guest(&other);
    wasm_engine_delete(engine);
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    return done();
}
