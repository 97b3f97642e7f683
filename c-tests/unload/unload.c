/* A host that loads the library while it runs, uses it, and unloads it, again and again. Where the library has started a thread
 * or may be asked about a fault it stays in the process, so that no code vanishes that somebody is in; else it is gone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wasm.h"

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                                    \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The function of the library, with the type that its header gives it. */
#define FIND(library, name) __typeof__(&name) p_##name = (__typeof__(&name))(uintptr_t)dlsym(library, #name)

extern bool wasmx_store_set_deadline(wasm_store_t *, uint64_t);
extern bool wasmx_wat2wasm(const wasm_byte_vec_t *, wasm_byte_vec_t *);

static const char GUEST[] = "(module (memory 1) (func (export \"load\") (param i32) (result i32) (i32.load (local.get 0)))"
                            "(func (export \"spin\") (loop $l (br $l))))";

static wasm_trap_t *call_load(void *library, const wasm_extern_vec_t *exports, int at, int32_t *result) {
    FIND(library, wasm_extern_as_func_const);
    FIND(library, wasm_func_call);
    wasm_val_t arg = WASM_I32_VAL(at), out = WASM_INIT_VAL;
    wasm_val_vec_t args = {1, &arg}, results = {1, &out};
    wasm_trap_t *trap = p_wasm_func_call(p_wasm_extern_as_func_const(exports->data[0]), &args, &results);
    *result = out.of.i32;
    return trap;
}

static void use(void *library, bool deadline) {
    FIND(library, wasm_engine_new);
    FIND(library, wasm_engine_delete);
    FIND(library, wasm_store_new);
    FIND(library, wasm_store_delete);
    FIND(library, wasm_module_new);
    FIND(library, wasm_module_delete);
    FIND(library, wasm_instance_new);
    FIND(library, wasm_instance_delete);
    FIND(library, wasm_instance_exports);
    FIND(library, wasm_extern_vec_delete);
    FIND(library, wasm_extern_as_func_const);
    FIND(library, wasm_func_call);
    FIND(library, wasm_trap_delete);
    FIND(library, wasm_byte_vec_delete);
    FIND(library, wasmx_store_set_deadline);
    FIND(library, wasmx_wat2wasm);
    wasm_engine_t *engine = p_wasm_engine_new();
    wasm_store_t *store = p_wasm_store_new(engine);
    wasm_byte_vec_t text = {sizeof GUEST - 1, (wasm_byte_t *)(uintptr_t)GUEST}, binary;
    REQUIRE(p_wasmx_wat2wasm(&text, &binary));
    wasm_module_t *module = p_wasm_module_new(store, &binary);
    REQUIRE(module);
    wasm_extern_vec_t imports = WASM_EMPTY_VEC, exports;
    wasm_instance_t *instance = p_wasm_instance_new(store, module, &imports, NULL);
    REQUIRE(instance);
    p_wasm_instance_exports(instance, &exports);
    int32_t result;
    REQUIRE(call_load(library, &exports, 0, &result) == NULL && result == 0);
    wasm_trap_t *trap = call_load(library, &exports, -1, &result);
    REQUIRE(trap);
    p_wasm_trap_delete(trap);
    if (deadline) {
        REQUIRE(p_wasmx_store_set_deadline(store, 2000000));
        wasm_val_vec_t none = WASM_EMPTY_VEC;
        trap = p_wasm_func_call(p_wasm_extern_as_func_const(exports.data[1]), &none, &none);
        REQUIRE(trap);
        p_wasm_trap_delete(trap);
    }
    p_wasm_extern_vec_delete(&exports);
    p_wasm_instance_delete(instance);
    p_wasm_module_delete(module);
    p_wasm_byte_vec_delete(&binary);
    p_wasm_store_delete(store);
    p_wasm_engine_delete(engine);
}

static bool is_loaded(const char *path) {
    void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    if (library) dlclose(library);
    return library != NULL;
}

static void check_handlers(void) {
    static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE};
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        struct sigaction now;
        REQUIRE(sigaction(FAULTS[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL);
    }
}

/* The library, and whether it may stay when it has run a guest (it has, if it asked for a handler of faults). */
int main(int argc, char **argv) {
    REQUIRE(argc == 2);
    for (int i = 0; i < 3; i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        if (!library) fprintf(stderr, "%s\n", dlerror());
        REQUIRE(library);
        REQUIRE(dlclose(library) == 0);
        REQUIRE(!is_loaded(argv[1]));
    }
    bool stayed = false;
    for (int i = 0; i < 5; i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        REQUIRE(library);
        use(library, false);
        REQUIRE(dlclose(library) == 0);
        stayed |= is_loaded(argv[1]);
        check_handlers();
    }
    printf("%s after a guest\n", stayed ? "stays" : "goes");
    for (int i = 0; i < 5; i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        REQUIRE(library);
        use(library, true);
        REQUIRE(dlclose(library) == 0); /* while its thread is there */
        REQUIRE(is_loaded(argv[1]));
        check_handlers();
    }
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    printf("stays after a deadline\n");
    return 0;
}
