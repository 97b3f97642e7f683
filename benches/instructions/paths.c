/* The paths whose instructions are counted: `paths PATH N` takes one of them N times.
 *
 * What is set up before is the same for every N, so the difference of two runs divided by the difference of their N is the
 * cost of one turn, whatever the machine does meanwhile. Linked with the library as any host is.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wasm.h>
#include <wasmx.h>

static void check(bool ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "failed: %s\n", what);
        exit(1);
    }
}
#define CHECK(x) check((x), #x)

static wasm_engine_t *engine;
static wasm_store_t *store;

static wasm_byte_vec_t binary_of(const char *text) {
    wasm_byte_vec_t wat = {strlen(text), (wasm_byte_t *)text}, binary;
    CHECK(wasmx_wat2wasm(&wat, &binary));
    return binary;
}
static wasm_byte_vec_t file(const char *path) {
    wasm_byte_vec_t bytes;
    FILE *f = fopen(path, "rb");
    CHECK(f && fseek(f, 0, SEEK_END) == 0);
    wasm_byte_vec_new_uninitialized(&bytes, (size_t)ftell(f));
    rewind(f);
    CHECK(fread(bytes.data, 1, bytes.size, f) == bytes.size);
    fclose(f);
    return bytes;
}
static wasm_module_t *module_of(const char *text) {
    wasm_byte_vec_t binary = binary_of(text);
    wasm_module_t *module = wasm_module_new(store, &binary);
    CHECK(module);
    wasm_byte_vec_delete(&binary);
    return module;
}
static wasm_instance_t *instance_of(const wasm_module_t *module, wasm_extern_t *import) {
    wasm_extern_vec_t imports = {import ? 1 : 0, &import};
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
    CHECK(instance);
    return instance;
}
static wasm_func_t *function_of(const char *text, wasm_extern_t *import) {
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance_of(module_of(text), import), &exports);
    return wasm_extern_as_func(exports.data[0]);
}
static int32_t call(const wasm_func_t *f, int32_t n) {
    wasm_val_t args[1] = {WASM_I32_VAL(n)}, results[1] = {WASM_INIT_VAL};
    wasm_val_vec_t in = WASM_ARRAY_VEC(args), out = WASM_ARRAY_VEC(results);
    CHECK(!wasm_func_call(f, &in, &out));
    return results[0].of.i32;
}

static const char *const small =
    "(module (memory (export \"memory\") 1) (table 4 funcref) (global (mut i32) (i32.const 42))"
    " (elem (i32.const 0) $a $b) (data (i32.const 8) \"data that every instance starts with\")"
    " (func $a (export \"get\") (param i32) (result i32) (i32.load (local.get 0)))"
    " (func $b (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))";

static void load_small(uint32_t n) {
    wasm_byte_vec_t binary = binary_of(small);
    while (n--) wasm_module_delete(wasm_module_new(store, &binary));
}
static void load_guest(uint32_t n) {
    wasm_byte_vec_t binary = file(getenv("GUEST"));
    while (n--) {
        wasm_module_t *module = wasm_module_new(store, &binary);
        CHECK(module);
        wasm_module_delete(module);
    }
}
static void new_store(uint32_t n) {
    while (n--) wasm_store_delete(wasm_store_new(engine));
}
static void instantiate(uint32_t n) {
    wasm_shared_module_t *shared = wasm_module_share(module_of(small));
    while (n--) {
        store = wasm_store_new(engine);
        wasm_module_t *module = wasm_module_obtain(store, shared);
        wasm_instance_delete(instance_of(module, NULL));
        wasm_module_delete(module);
        wasm_store_delete(store);
    }
}
static const char *const add =
    "(module (func (export \"add\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))";
static void call_raw(uint32_t n) {
    wasm_func_t *f = function_of(add, NULL);
    wasmx_raw_t values[2] = {{.i32 = 1}, {.i32 = 2}};
    while (n--) CHECK(!wasmx_func_call_raw(f, values, 2));
}
static void call_in(uint32_t n) {
    wasm_func_t *f = function_of(add, NULL);
    wasm_val_t args[2] = {WASM_I32_VAL(1), WASM_I32_VAL(2)}, results[1] = {WASM_INIT_VAL};
    wasm_val_vec_t in = WASM_ARRAY_VEC(args), out = WASM_ARRAY_VEC(results);
    while (n--) CHECK(!wasm_func_call(f, &in, &out));
}
static wasm_trap_t *increment(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0].kind = WASM_I32;
    results->data[0].of.i32 = args->data[0].of.i32 + 1;
    return NULL;
}
static void call_host(uint32_t n, wasm_func_t *host) {
    wasm_func_t *f = function_of(
        "(module (import \"\" \"f\" (func $f (param i32) (result i32)))"
        " (func (export \"loop\") (param i32) (result i32) (local i32)"
        "  (loop (local.set 1 (call $f (local.get 1)))"
        "   (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))",
        wasm_func_as_extern(host));
    CHECK(call(f, (int32_t)n) == (int32_t)n);
}
static void call_out(uint32_t n) {
    call_host(n, wasm_func_new(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), increment));
}
static wasm_trap_t *increment_raw(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)env, (void)caller, (void)capacity;
    values[0].i32++;
    return NULL;
}
static void call_out_raw(uint32_t n) {
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    call_host(n, wasmx_func_new_raw(store, type, increment_raw, NULL, NULL));
}
/* A loop of loads, stores and arithmetic: eleven instructions a turn. */
static void loop(uint32_t n) {
    wasm_func_t *f = function_of(
        "(module (memory 1) (func (export \"loop\") (param i32) (result i32)"
        "  (loop (i32.store (i32.and (i32.shl (local.get 0) (i32.const 2)) (i32.const 0xfffc))"
        "     (i32.add (i32.load (i32.const 64)) (i32.mul (local.get 0) (i32.const 3))))"
        "   (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7)))",
        NULL);
    CHECK(call(f, (int32_t)n) == 7);
}
/* Calls between functions of a guest. */
static void recurse(uint32_t n) {
    wasm_func_t *f = function_of(
        "(module (func (export \"loop\") (param i32) (result i32)"
        "  (loop (drop (call $f (local.get 0) (i32.const 1)))"
        "   (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))"
        " (func $f (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))",
        NULL);
    CHECK(call(f, (int32_t)n) == 7);
}

/* Nothing that another thread does may be counted: the interpreter alone, or machine code from the start. */
static const struct {
    const char *name;
    void (*take)(uint32_t n);
    wasmx_tier_t tier;
} paths[] = {
    {"load-small", load_small, WASMX_TIER_INTERPRETER},
    {"load-guest", load_guest, WASMX_TIER_INTERPRETER},
    {"store", new_store, WASMX_TIER_INTERPRETER},
    {"store+instance", instantiate, WASMX_TIER_INTERPRETER},
    {"call-in", call_in, WASMX_TIER_INTERPRETER},
    {"call-raw", call_raw, WASMX_TIER_INTERPRETER},
    {"call-out", call_out, WASMX_TIER_INTERPRETER},
    {"call-out-raw", call_out_raw, WASMX_TIER_INTERPRETER},
    {"loop", loop, WASMX_TIER_INTERPRETER},
    {"call-guest", recurse, WASMX_TIER_INTERPRETER},
    {"machine-call-in", call_in, WASMX_TIER_EAGER},
    {"machine-call-raw", call_raw, WASMX_TIER_EAGER},
    {"machine-call-out", call_out, WASMX_TIER_EAGER},
    {"machine-call-out-raw", call_out_raw, WASMX_TIER_EAGER},
};

int main(int argc, char **argv) {
    CHECK(argc == 3);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (strcmp(argv[1], paths[i].name) == 0) {
            wasm_config_t *config = wasm_config_new();
            CHECK(wasmx_config_set_tier(config, paths[i].tier));
            engine = wasm_engine_new_with_config(config);
            store = wasm_store_new(engine);
            paths[i].take((uint32_t)strtoul(argv[2], NULL, 10));
            return 0;
        }
    }
    fprintf(stderr, "no path is called %s\n", argv[1]);
    return 2;
}
