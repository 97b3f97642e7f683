/* Assertions and small conveniences shared by these programs.
 *
 * A failed check prints where and what, and ends the program with status 1. Each program ends with `return done();`,
 * which prints how many checks passed: the driver wants to see that line. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm.h"
#include "wasi.h"
#include "wasmx.h"

#include "inputs.h"

/* ---------------------------------------------------------------- checks */

/* Counted per thread, so that threads do not race on it; main adds up its own only. */
static _Thread_local long checks_passed;

static inline void check_failed(const char *file, int line, const char *what) {
    const char *why = wasmx_last_error();
    fprintf(stderr, "%s:%d: failed: %s\n  last error: %s\n", file, line, what, why ? why : "(none)");
    exit(1);
}

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) check_failed(__FILE__, __LINE__, #condition);                                                \
        checks_passed++;                                                                                               \
    } while (0)

#define CHECK_INT(found, expected)                                                                                     \
    do {                                                                                                               \
        long long found_ = (long long)(found), expected_ = (long long)(expected);                                      \
        if (found_ != expected_) {                                                                                     \
            fprintf(stderr, "  found %lld (%s), expected %lld\n", found_, #found, expected_);                          \
            check_failed(__FILE__, __LINE__, #found " == " #expected);                                                 \
        }                                                                                                              \
        checks_passed++;                                                                                               \
    } while (0)

static inline int done(void) {
    printf("%ld checks passed\n", checks_passed);
    return 0;
}

/* ---------------------------------------------------------------- values and names */

static inline wasm_val_t i32_val(int32_t x) { return (wasm_val_t)WASM_I32_VAL(x); }
static inline wasm_val_t i64_val(int64_t x) { return (wasm_val_t)WASM_I64_VAL(x); }
static inline wasm_val_t f32_val(float32_t x) { return (wasm_val_t)WASM_F32_VAL(x); }
static inline wasm_val_t f64_val(float64_t x) { return (wasm_val_t)WASM_F64_VAL(x); }
static inline wasm_val_t externref_val(wasm_ref_t *r) { return (wasm_val_t)WASM_REF_VAL(r); }
static inline wasm_val_t funcref_val(wasm_ref_t *r) { return (wasm_val_t){.kind = WASM_FUNCREF, .of = {.ref = r}}; }

static inline bool name_is(const wasm_name_t *name, const char *bytes, size_t size) {
    return name && name->size == size && (size == 0 || memcmp(name->data, bytes, size) == 0);
}

/* A trap's message, checked to end with its only NUL, compared by containment. */
static inline bool trap_says(const wasm_trap_t *trap, const char *part) {
    wasm_message_t message = WASM_EMPTY_VEC;
    wasm_trap_message(trap, &message);
    bool ok = message.size > 0 && strlen(message.data) == message.size - 1 && strstr(message.data, part) != NULL;
    if (!ok) fprintf(stderr, "  trap message: %.*s\n  expected: %s\n", (int)message.size, message.data, part);
    wasm_byte_vec_delete(&message);
    return ok;
}

#define CHECK_TRAP(trap, part)                                                                                         \
    do {                                                                                                               \
        wasm_trap_t *trap_ = (trap);                                                                                   \
        CHECK(trap_ != NULL);                                                                                          \
        CHECK(trap_says(trap_, part));                                                                                 \
        wasm_trap_delete(trap_);                                                                                       \
    } while (0)

/* ---------------------------------------------------------------- modules and instances */

#define BYTES(array) ((wasm_byte_vec_t){sizeof(array), (wasm_byte_t *)(uintptr_t)(array)})

static inline wasm_module_t *load_module(wasm_store_t *store, const unsigned char *bytes, size_t size) {
    wasm_byte_vec_t binary;
    wasm_byte_vec_new(&binary, size, (const wasm_byte_t *)bytes);
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    CHECK(module != NULL);
    return module;
}

#define MODULE(store, array) load_module(store, array, sizeof(array))

static inline wasm_instance_t *link_module(wasm_store_t *store, const wasm_module_t *module, size_t count,
                                           wasm_extern_t *const imports[]) {
    wasm_extern_vec_t list = {count, (wasm_extern_t **)(uintptr_t)imports};
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasm_instance_new(store, module, &list, &trap);
    if (trap) trap_says(trap, "no trap");
    CHECK(trap == NULL);
    CHECK(instance != NULL);
    return instance;
}

/* Loads and instantiates in one go. */
static inline wasm_instance_t *instantiate(wasm_store_t *store, const unsigned char *bytes, size_t size, size_t count,
                                           wasm_extern_t *const imports[]) {
    wasm_module_t *module = load_module(store, bytes, size);
    wasm_instance_t *instance = link_module(store, module, count, imports);
    wasm_module_delete(module);
    return instance;
}

#define INSTANCE(store, array, ...)                                                                                    \
    instantiate(store, array, sizeof(array), sizeof((wasm_extern_t *[]){__VA_ARGS__}) / sizeof(wasm_extern_t *),       \
                (wasm_extern_t *[]){__VA_ARGS__})
#define INSTANCE_ALONE(store, array) instantiate(store, array, sizeof(array), 0, NULL)

/* The export at `index`, as a handle of the caller's own. */
static inline wasm_extern_t *export_at(const wasm_instance_t *instance, size_t index) {
    wasm_extern_vec_t exports = WASM_EMPTY_VEC;
    wasm_instance_exports(instance, &exports);
    CHECK(index < exports.size);
    wasm_extern_t *found = wasm_extern_copy(exports.data[index]);
    CHECK(found != NULL);
    wasm_extern_vec_delete(&exports);
    return found;
}

/* One export of a kind, as a handle of the caller's own; its place among the exports is checked to have that kind. */
#define EXPORT_OF(kind)                                                                                                \
    static inline wasm_##kind##_t *export_##kind(const wasm_instance_t *instance, size_t index) {                      \
        wasm_extern_t *found = export_at(instance, index);                                                             \
        wasm_##kind##_t *own = wasm_##kind##_copy(wasm_extern_as_##kind(found));                                       \
        wasm_extern_delete(found);                                                                                     \
        CHECK(own != NULL);                                                                                            \
        return own;                                                                                                    \
    }
EXPORT_OF(func)
EXPORT_OF(global)
EXPORT_OF(table)
EXPORT_OF(memory)

/* ---------------------------------------------------------------- calls */

static inline wasm_trap_t *call(const wasm_func_t *func, size_t argc, wasm_val_t *args, size_t resultc,
                                wasm_val_t *results) {
    wasm_val_vec_t in = {argc, args}, out = {resultc, results};
    return wasm_func_call(func, &in, &out);
}

/* Calls, with and without arguments, whose trap is what the caller wants. */
#define CALL_TRAP_0(func, resultc) call(func, 0, NULL, resultc, (wasm_val_t[8]){WASM_INIT_VAL})
#define CALL_TRAP(func, resultc, ...)                                                                                  \
    call(func, sizeof((wasm_val_t[]){__VA_ARGS__}) / sizeof(wasm_val_t), (wasm_val_t[]){__VA_ARGS__}, resultc,         \
         (wasm_val_t[8]){WASM_INIT_VAL})

static inline wasm_val_t call_one(const wasm_func_t *func, size_t argc, wasm_val_t *args, wasm_valkind_t kind) {
    wasm_val_t result = WASM_INIT_VAL;
    wasm_trap_t *trap = call(func, argc, args, 1, &result);
    if (trap) trap_says(trap, "no trap");
    CHECK(trap == NULL);
    CHECK_INT(result.kind, kind);
    return result;
}

#define CALL_0(func) CHECK(call(func, 0, NULL, 0, NULL) == NULL)
#define CALL_VOID(func, ...)                                                                                           \
    CHECK(call(func, sizeof((wasm_val_t[]){__VA_ARGS__}) / sizeof(wasm_val_t), (wasm_val_t[]){__VA_ARGS__}, 0, NULL) ==  \
          NULL)
#define CALL_ONE(func, kind, ...)                                                                                      \
    call_one(func, sizeof((wasm_val_t[]){__VA_ARGS__}) / sizeof(wasm_val_t), (wasm_val_t[]){__VA_ARGS__}, kind)
#define CALL_I32(func, ...) CALL_ONE(func, WASM_I32, __VA_ARGS__).of.i32
#define CALL_I64(func, ...) CALL_ONE(func, WASM_I64, __VA_ARGS__).of.i64
#define GET_I32(func) call_one(func, 0, NULL, WASM_I32).of.i32
#define GET_I64(func) call_one(func, 0, NULL, WASM_I64).of.i64

/* ---------------------------------------------------------------- host functions */

/* A host function from a callback and a type that is used up. */
static inline wasm_func_t *host_func(wasm_store_t *store, wasm_functype_t *type, wasm_func_callback_t callback) {
    wasm_func_t *func = wasm_func_new(store, type, callback);
    wasm_functype_delete(type);
    CHECK(func != NULL);
    return func;
}

static inline wasm_func_t *host_closure(wasm_store_t *store, wasm_functype_t *type,
                                        wasm_func_callback_with_env_t callback, void *env, void (*finalizer)(void *)) {
    wasm_func_t *func = wasm_func_new_with_env(store, type, callback, env, finalizer);
    wasm_functype_delete(type);
    CHECK(func != NULL);
    return func;
}

static inline wasm_trap_t *host_trap(wasm_store_t *store, const char *text) {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, text);
    wasm_trap_t *trap = wasm_trap_new(store, &message);
    wasm_byte_vec_delete(&message);
    return trap;
}

#endif
