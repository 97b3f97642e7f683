/* Exceptions: thrown by the host and caught by the guest, and the other way round.
 *
 * A tag says what an exception carries; throwing and catching sides agree on one tag, which is imported or exported like a
 * function. The host throws by returning a trap made from an exception; an exception that no guest catches comes out of
 * the host's call as a trap, and the exception can be taken out of it. */
#include "example.h"

/* The host's tag: a number of an error, and how often to try again. */
typedef struct {
    wasmx_tag_t *tag;
} host;

/* fetch(key) -> value; throws for keys that are not there. */
static wasm_trap_t *fetch(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)capacity;
    host *h = env;
    int32_t key = values[0].i32;
    if (key % 2 == 0) {
        values[0].i32 = key * 100;
        return NULL;
    }
    wasmx_raw_t payload[2] = {{.i32 = 404}, {.i64 = key}};
    wasm_ref_t *exception = wasmx_exception_new(wasmx_caller_store(caller), h->tag, 2, payload);
    wasm_trap_t *thrown = wasmx_trap_new_exception(exception);
    wasm_ref_delete(exception); /* the trap holds it */
    return thrown;
}

/* Catches what the guest throws, by its tag. */
static void handle(wasm_trap_t *trap, const wasmx_tag_t *network, const wasmx_tag_t *parse) {
    wasm_ref_t *exception = wasmx_trap_exception(trap);
    if (!exception) {
        print_trap("  no exception, but a ", trap);
        return;
    }
    wasm_trap_delete(trap);
    wasmx_tag_t *tag = wasmx_exception_tag(exception);
    wasmx_raw_t payload[2];
    if (!wasmx_exception_payload(exception, payload, 2)) die("more values than known");
    if (wasmx_tag_same(tag, network))
        printf("  a network error, %" PRId32 " for key %" PRId64 "\n", payload[0].i32, payload[1].i64);
    else if (wasmx_tag_same(tag, parse))
        printf("  a parse error at %g\n", payload[0].f64);
    else
        printf("  an unknown exception\n");
    wasmx_tag_delete(tag);
    wasm_ref_delete(exception);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "exceptions.wat");

    wasm_tagtype_t *tagtype = wasm_tagtype_new(wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i64()));
    host h = {wasmx_tag_new(store, tagtype)};
    wasm_tagtype_delete(tagtype);
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *fetch_func = wasmx_func_new_raw(store, type, fetch, &h, NULL);
    wasm_functype_delete(type);
    wasm_extern_t *imports[] = {wasmx_tag_as_extern(h.tag), wasm_func_as_extern(fetch_func)};
    wasm_instance_t *instance = instantiate(store, module, 2, imports);
    wasm_extern_t *parse_extern = wasmx_instance_export(instance, "parse_error"); /* the guest's own tag */
    const wasmx_tag_t *parse = wasmx_extern_as_tag(parse_extern);
    if (!parse) die("parse_error");

    printf("thrown by the host, caught by the guest\n");
    for (int32_t key = 6; key <= 7; key++) {
        wasmx_raw_t values[1] = {{.i32 = key}};
        call(instance, "fetch_or_minus", values, 1);
        printf("  key %" PRId32 " gives %" PRId32 "\n", key, values[0].i32);
    }

    printf("thrown by the host, through the guest\n");
    wasmx_raw_t values[1] = {{.i32 = 9}};
    handle(try_call(instance, "fetch", values, 1), h.tag, parse);
    values[0].i32 = 0;
    call(instance, "cleanups", values, 1);
    printf("  which cleaned up %" PRId32 " time on the way\n", values[0].i32);

    printf("thrown by the guest\n");
    values[0].f64 = 1.5;
    handle(try_call(instance, "parse", values, 1), h.tag, parse);

    printf("something else\n");
    handle(try_call(instance, "crash", NULL, 0), h.tag, parse);

    wasm_extern_delete(parse_extern);
    wasm_func_delete(fetch_func);
    wasmx_tag_delete(h.tag);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
