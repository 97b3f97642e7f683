/* Raw values: calls without conversion in both directions, v128 among them, who calls a callback, and references. */
#include "check.h"

typedef struct {
    int calls, finalized;
    const wasm_instance_t *instance;
    wasm_func_t *inner;
    char text[32];
} host_t;

static void finalize(void *env) { ((host_t *)env)->finalized++; }

static wasm_trap_t *mixed(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    host_t *host = env;
    CHECK_INT(capacity, 4);
    CHECK(wasm_instance_same(wasmx_caller_instance(caller), host->instance));
    int32_t n = values[0].i32;
    double d = values[2].f64;
    CHECK(values[3].f32 == 0.25f);
    CHECK_INT(values[1].v128[0], 1);
    CHECK_INT(values[1].v128[15], 16);
    for (int i = 0; i < 16; i++) values[1].v128[i] = (uint8_t)(values[1].v128[i] * 2);
    values[0].f64 = d * n;
    values[2].i32 = -n;
    host->calls++;
    return NULL;
}

static wasm_trap_t *note(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    host_t *host = env;
    CHECK_INT(capacity, 2);
    wasm_memory_t *memory = wasmx_caller_memory(caller, NULL);
    CHECK(memory != NULL);
    CHECK(memory == wasmx_caller_memory(caller, "memory"));
    CHECK(wasm_memory_as_extern(memory) == wasmx_caller_export(caller, "memory"));
    CHECK(wasmx_caller_memory(caller, "other") != NULL);
    CHECK(wasmx_caller_memory(caller, "other") != memory);
    CHECK(wasmx_caller_memory(caller, "add") == NULL);
    CHECK(wasmx_caller_memory(caller, "nowhere") == NULL);
    CHECK(wasmx_caller_export(caller, "nowhere") == NULL);
    CHECK(wasmx_caller_export(caller, NULL) == NULL);
    uint32_t at = (uint32_t)values[0].i32, size = (uint32_t)values[1].i32;
    CHECK(size < sizeof host->text && at + size <= wasm_memory_data_size(memory));
    memcpy(host->text, wasm_memory_data(memory) + at, size);
    return NULL;
}

/* Calls the guest again before it answers. */
static wasm_trap_t *echo(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    host_t *host = env;
    CHECK_INT(capacity, 1);
    wasm_store_t *store = wasmx_caller_store(caller);
    wasm_ref_t *ref = wasmx_ref_from_raw(store, WASM_EXTERNREF, &values[0]);
    wasmx_raw_t numbers[2] = {{.i32 = 30}, {.i32 = 12}};
    CHECK(wasmx_func_call_raw(host->inner, numbers, 2) == NULL);
    CHECK_INT(numbers[0].i32, 42);
    if (!ref) return host_trap(store, "nothing to echo");
    CHECK(wasmx_ref_to_raw(ref, WASM_EXTERNREF, &values[0]));
    wasm_ref_delete(ref);
    return NULL;
}

static wasm_trap_t *strict(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)caller, (void)capacity;
    host_t *host = env;
    wasm_ref_t *ref = values[0].i32 ? wasm_func_as_ref(host->inner) : NULL;
    CHECK(wasmx_ref_to_raw(ref, WASM_FUNCREF, &values[0]));
    return NULL;
}

static wasm_trap_t *direct(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)env;
    CHECK(wasmx_caller_instance(caller) == NULL);
    CHECK(wasmx_caller_memory(caller, NULL) == NULL);
    CHECK(wasmx_caller_export(caller, "memory") == NULL);
    CHECK_INT(capacity, 20);
    for (size_t i = 0; i < capacity; i++) values[i].i64 = values[i].i64 * 2 + (int64_t)i;
    return NULL;
}

static wasm_func_t *raw_func(wasm_store_t *store, wasm_functype_t *type, wasmx_func_callback_raw_t callback, void *env) {
    wasm_func_t *func = wasmx_func_new_raw(store, type, callback, env, finalize);
    wasm_functype_delete(type);
    CHECK(func != NULL);
    return func;
}

static wasm_functype_t *type_of(size_t params, wasm_valtype_t *ps[], size_t results, wasm_valtype_t *rs[]) {
    wasm_valtype_vec_t p, r;
    wasm_valtype_vec_new(&p, params, ps);
    wasm_valtype_vec_new(&r, results, rs);
    return wasm_functype_new(&p, &r);
}

static wasm_func_t *get(const wasm_instance_t *instance, const char *name) {
    wasm_extern_t *found = wasmx_instance_export(instance, name);
    CHECK(found != NULL);
    wasm_func_t *func = wasm_func_copy(wasm_extern_as_func(found));
    wasm_extern_delete(found);
    CHECK(func != NULL);
    return func;
}

static void numbers(const wasm_instance_t *instance, host_t *host) {
    wasmx_raw_t v[4] = {{.i32 = 40}, {.i32 = 2}};
    wasm_func_t *add = get(instance, "add"), *wide = get(instance, "wide"), *relay = get(instance, "relay");
    CHECK(wasmx_func_call_raw(add, v, 2) == NULL);
    CHECK_INT(v[0].i32, 42);
    /* More room than values is fine; less is a trap. */
    v[0].i32 = 1, v[1].i32 = -3;
    CHECK(wasmx_func_call_raw(add, v, 4) == NULL);
    CHECK_INT(v[0].i32, -2);
    CHECK_TRAP(wasmx_func_call_raw(add, v, 1), "not enough room");
    CHECK_TRAP(wasmx_func_call_raw(add, NULL, 2), "NULL");
    CHECK_TRAP(wasmx_func_call_raw(NULL, v, 2), "NULL");

    memcpy(v[0].v128, (int32_t[]){1, 2, 3, 4}, 16);
    v[1].i32 = 10;
    CHECK(wasmx_func_call_raw(wide, v, 2) == NULL);
    CHECK_INT(v[0].i32, 4);
    CHECK(memcmp(v[1].v128, (int32_t[]){11, 12, 13, 14}, 16) == 0);

    for (int round = 0; round < 3; round++) {
        v[0].i32 = 3;
        for (int i = 0; i < 16; i++) v[1].v128[i] = (uint8_t)(i + 1);
        v[2].f64 = 1.5, v[3].f32 = 0.25f;
        CHECK(wasmx_func_call_raw(relay, v, 4) == NULL);
        CHECK(v[0].f64 == 4.5);
        CHECK_INT(v[1].v128[15], 32);
        CHECK_INT(v[2].i32, -3);
    }
    CHECK_INT(host->calls, 3);

    /* More values than fit in registers or on a small stack. */
    wasm_func_t *many = get(instance, "many"), *nothing = get(instance, "nothing"), *trap = get(instance, "trap");
    wasmx_raw_t m[18];
    for (int i = 0; i < 17; i++) m[i].i32 = i - 8;
    memset(m[17].v128, 0x5a, 16);
    CHECK(wasmx_func_call_raw(many, m, 18) == NULL);
    CHECK_INT(m[0].v128[7], 0x5a);
    for (int i = 0; i < 17; i++) CHECK_INT(m[i + 1].i64, i - 8);
    CHECK(wasmx_func_call_raw(nothing, NULL, 0) == NULL);
    v[0].i32 = 0;
    CHECK_TRAP(wasmx_func_call_raw(trap, v, 1), "unreachable");

    wasm_func_t *say = get(instance, "say");
    CHECK(wasmx_func_call_raw(say, NULL, 0) == NULL);
    CHECK(strcmp(host->text, "said by the guest") == 0);

    wasm_func_t *all[] = {add, wide, relay, many, nothing, trap, say};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) wasm_func_delete(all[i]);
}

static void references(wasm_store_t *store, const wasm_instance_t *instance, host_t *host) {
    wasm_func_t *guest_echo = get(instance, "echo"), *needs = get(instance, "needs_func");
    wasm_func_t *guest_strict = get(instance, "strict");
    wasm_foreign_t *thing = wasm_foreign_new(store);
    wasmx_raw_t v[1];
    CHECK(wasmx_ref_to_raw(wasm_foreign_as_ref(thing), WASM_EXTERNREF, v));
    CHECK(v[0].ref != 0);
    CHECK(wasmx_func_call_raw(guest_echo, v, 1) == NULL);
    wasm_ref_t *back = wasmx_ref_from_raw(store, WASM_EXTERNREF, v);
    CHECK(wasm_ref_same(back, wasm_foreign_as_ref(thing)));
    wasm_ref_delete(back);
    CHECK(wasmx_ref_to_raw(NULL, WASM_EXTERNREF, v));
    CHECK_INT(v[0].ref, 0);
    CHECK(wasmx_ref_from_raw(store, WASM_EXTERNREF, v) == NULL);
    CHECK_TRAP(wasmx_func_call_raw(guest_echo, v, 1), "nothing to echo");

    CHECK(wasmx_ref_to_raw(wasm_func_as_ref(host->inner), WASM_FUNCREF, v));
    CHECK(wasmx_func_call_raw(needs, v, 1) == NULL);
    CHECK_INT(v[0].i32, 7);
    v[0].ref = 0;
    CHECK_TRAP(wasmx_func_call_raw(needs, v, 1), "wrong type");

    v[0].i32 = 1;
    CHECK(wasmx_func_call_raw(guest_strict, v, 1) == NULL);
    CHECK_INT(v[0].i32, 0);
    v[0].i32 = 0;
    CHECK_TRAP(wasmx_func_call_raw(guest_strict, v, 1), "wrong type");

    CHECK(!wasmx_ref_to_raw(wasm_foreign_as_ref(thing), WASM_FUNCREF, v));
    CHECK(!wasmx_ref_to_raw(wasm_foreign_as_ref(thing), WASMX_EXNREF, v));
    CHECK(!wasmx_ref_to_raw(wasm_foreign_as_ref(thing), WASM_I32, v));
    CHECK(!wasmx_ref_to_raw(wasm_foreign_as_ref(thing), WASM_EXTERNREF, NULL));
    CHECK(wasmx_ref_from_raw(NULL, WASM_EXTERNREF, v) == NULL);
    CHECK(wasmx_ref_from_raw(store, WASM_EXTERNREF, NULL) == NULL);
    CHECK(wasmx_ref_from_raw(store, WASM_I64, v) == NULL);

    wasm_foreign_delete(thing);
    wasm_func_delete(guest_echo);
    wasm_func_delete(needs);
    wasm_func_delete(guest_strict);
}

int main(void) {
    host_t host = {0};
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_valtype_t *i32 = wasm_valtype_new_i32(), *funcref = wasmx_valtype_new_ref(WASMX_HEAP_FUNC, false, NULL);
    wasm_func_t *imports[] = {
        raw_func(store,
                 type_of(4, (wasm_valtype_t *[]){wasm_valtype_new_i32(), wasmx_valtype_new_v128(), wasm_valtype_new_f64(),
                                                 wasm_valtype_new_f32()},
                         3, (wasm_valtype_t *[]){wasm_valtype_new_f64(), wasmx_valtype_new_v128(), wasm_valtype_new_i32()}),
                 mixed, &host),
        raw_func(store, wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32()), note, &host),
        raw_func(store, wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_externref()), echo, &host),
        raw_func(store, wasm_functype_new_1_1(i32, funcref), strict, &host),
    };
    wasm_instance_t *instance =
        INSTANCE(store, ext_raw_wasm, wasm_func_as_extern(imports[0]), wasm_func_as_extern(imports[1]),
                 wasm_func_as_extern(imports[2]), wasm_func_as_extern(imports[3]));
    host.instance = instance;
    host.inner = get(instance, "add");
    numbers(instance, &host);
    references(store, instance, &host);

    /* A host function that the host calls itself, with more values than the usual. */
    wasm_valtype_t *ps[20], *rs[20];
    for (int i = 0; i < 20; i++) ps[i] = wasm_valtype_new_i64(), rs[i] = wasm_valtype_new_i64();
    wasm_func_t *own = raw_func(store, type_of(20, ps, 20, rs), direct, &host);
    wasmx_raw_t v[20];
    for (int i = 0; i < 20; i++) v[i].i64 = i * 100;
    CHECK(wasmx_func_call_raw(own, v, 20) == NULL);
    for (int i = 0; i < 20; i++) CHECK_INT(v[i].i64, i * 201);
    wasm_func_delete(own);
    CHECK_INT(host.finalized, 1);

    CHECK(wasmx_instance_export(instance, "nowhere") == NULL);
    CHECK(wasmx_instance_export(instance, NULL) == NULL);
    CHECK(wasmx_instance_export(NULL, "add") == NULL);
    CHECK(wasmx_caller_store(NULL) == NULL);
    CHECK(wasmx_caller_instance(NULL) == NULL);
    CHECK(wasmx_caller_memory(NULL, NULL) == NULL);
    CHECK(wasmx_caller_export(NULL, "memory") == NULL);
    wasm_functype_t *plain = wasm_functype_new_0_0();
    CHECK(wasmx_func_new_raw(NULL, plain, direct, &host, finalize) == NULL);
    CHECK(wasmx_func_new_raw(store, NULL, direct, &host, finalize) == NULL);
    CHECK(wasmx_func_new_raw(store, plain, NULL, &host, finalize) == NULL);
    wasm_functype_delete(plain);
    CHECK_INT(host.finalized, 1);

    wasm_func_delete(host.inner);
    wasm_instance_delete(instance);
    for (int i = 0; i < 4; i++) wasm_func_delete(imports[i]);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_INT(host.finalized, 5);
    return done();
}
