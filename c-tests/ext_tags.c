/* Tags and exceptions: thrown by the host and caught by the guest, the other way round, and as values. */
#include "check.h"

enum { OWN, CATCH, CATCH_REF, PASS, THROW_TAG, THROW_OWN, RETHROW };

typedef struct {
    wasmx_tag_t *tag;
} host_t;

static wasm_trap_t *throw_it(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)capacity;
    host_t *host = env;
    if (values[0].i32 == 0) return NULL;
    wasmx_raw_t payload[2] = {{.i32 = values[0].i32 + 1}};
    memcpy(payload[1].v128, (int32_t[]){10, 20, 30, 40}, 16);
    wasm_ref_t *exception = wasmx_exception_new(wasmx_caller_store(caller), host->tag, 2, payload);
    CHECK(exception != NULL);
    wasm_trap_t *trap = wasmx_trap_new_exception(exception);
    wasm_ref_delete(exception);
    return trap;
}

static void check_payload(const wasm_ref_t *exception, int32_t number, const int32_t lanes[4]) {
    CHECK_INT(wasmx_ref_kind(exception), WASMX_REF_EXCEPTION);
    CHECK_INT(wasmx_exception_payload_count(exception), 2);
    wasmx_raw_t payload[2];
    CHECK(!wasmx_exception_payload(exception, payload, 1));
    CHECK(!wasmx_exception_payload(exception, NULL, 2));
    CHECK(wasmx_exception_payload(exception, payload, 2));
    CHECK_INT(payload[0].i32, number);
    CHECK(memcmp(payload[1].v128, lanes, 16) == 0);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_tagtype_t *type = wasm_tagtype_new(wasm_functype_new_2_0(wasm_valtype_new_i32(), wasmx_valtype_new_v128()));
    host_t host = {wasmx_tag_new(store, type)};
    CHECK(host.tag != NULL);
    CHECK(wasmx_tag_new(NULL, type) == NULL);
    CHECK(wasmx_tag_new(store, NULL) == NULL);
    wasmx_tag_t *other = wasmx_tag_new(store, type), *copy = wasmx_tag_copy(host.tag);
    CHECK(wasmx_tag_same(host.tag, copy) && !wasmx_tag_same(host.tag, other) && !wasmx_tag_same(NULL, NULL));
    wasm_tagtype_delete(type);
    type = wasmx_tag_type(copy);
    CHECK_INT(wasm_functype_params(wasm_tagtype_functype(type))->size, 2);
    wasm_tagtype_delete(type);
    wasmx_tag_delete(copy);
    CHECK(wasmx_tag_type(NULL) == NULL);
    CHECK(wasmx_tag_copy(NULL) == NULL);
    wasmx_tag_delete(NULL);
    type = wasm_tagtype_new(wasm_functype_new_0_1(wasm_valtype_new_i32()));
    CHECK(wasmx_tag_new(store, type) == NULL); /* results */
    wasm_tagtype_delete(type);

    wasm_extern_t *external = wasmx_tag_as_extern(host.tag);
    CHECK_INT(wasm_extern_kind(external), WASM_EXTERN_TAG);
    CHECK(wasmx_extern_as_tag(external) == host.tag);
    CHECK(wasmx_extern_as_tag_const(wasmx_tag_as_extern_const(host.tag)) == host.tag);
    CHECK(wasm_extern_as_func(external) == NULL);
    CHECK(wasmx_extern_as_tag(NULL) == NULL);

    wasm_functype_t *functype = wasm_functype_new_1_0(wasm_valtype_new_i32());
    wasm_func_t *thrower = wasmx_func_new_raw(store, functype, throw_it, &host, NULL);
    wasm_functype_delete(functype);
    wasm_instance_t *instance = INSTANCE(store, ext_tags_wasm, external, wasm_func_as_extern(thrower));
    CHECK(wasmx_extern_as_tag(wasm_func_as_extern(thrower)) == NULL);

    /* Thrown by the host, caught by the guest. */
    static const int32_t ours[4] = {10, 20, 30, 40}, theirs[4] = {9, 8, 7, 6};
    wasm_func_t *catch_it = export_func(instance, CATCH), *catch_ref = export_func(instance, CATCH_REF);
    wasm_func_t *pass = export_func(instance, PASS), *throw_tag = export_func(instance, THROW_TAG);
    wasm_func_t *throw_own = export_func(instance, THROW_OWN), *rethrow = export_func(instance, RETHROW);
    wasmx_raw_t v[2] = {{.i32 = 6}};
    CHECK(wasmx_func_call_raw(catch_it, v, 2) == NULL);
    CHECK_INT(v[0].i32, 7);
    CHECK(memcmp(v[1].v128, ours, 16) == 0);
    v[0].i32 = 0;
    CHECK(wasmx_func_call_raw(catch_it, v, 2) == NULL);
    CHECK_INT(v[0].i32, -1);

    /* As a value, in the standard's calls as well. */
    wasm_val_t exn = CALL_ONE(catch_ref, WASMX_EXNREF, i32_val(8));
    check_payload(exn.of.ref, 9, ours);
    wasmx_tag_t *tag = wasmx_exception_tag(exn.of.ref);
    CHECK(wasmx_tag_same(tag, host.tag));
    wasmx_tag_delete(tag);
    /* And back into the guest, which throws it to us: the very same. */
    wasm_trap_t *trap = CALL_TRAP(rethrow, 0, exn);
    wasm_ref_t *caught = wasmx_trap_exception(trap);
    CHECK(wasm_ref_same(caught, exn.of.ref));
    wasm_ref_delete(caught);
    wasm_trap_delete(trap);
    wasm_val_delete(&exn);
    exn = CALL_ONE(catch_ref, WASMX_EXNREF, i32_val(0));
    CHECK(exn.of.ref == NULL);

    /* Thrown by the host, and caught by the host, through the guest. */
    trap = CALL_TRAP(pass, 0, i32_val(1));
    CHECK(trap_says(trap, "exception"));
    caught = wasmx_trap_exception(trap);
    wasm_trap_delete(trap);
    check_payload(caught, 2, ours);
    wasm_ref_delete(caught);
    /* Without the guest in between. */
    trap = CALL_TRAP(thrower, 0, i32_val(3));
    caught = wasmx_trap_exception(trap);
    check_payload(caught, 4, ours);
    wasm_ref_delete(caught);
    wasm_trap_delete(trap);

    /* Thrown by the guest. */
    trap = CALL_TRAP(throw_tag, 0, i32_val(5));
    caught = wasmx_trap_exception(trap);
    CHECK_INT(wasmx_store_collect(store) > 1000000, 0);
    check_payload(caught, 5, theirs);
    wasm_trap_delete(trap);
    wasmx_store_collect(store);
    check_payload(caught, 5, theirs);

    /* References in the payload, and a tag of the guest's. */
    wasm_foreign_t *thing = wasm_foreign_new(store);
    trap = CALL_TRAP(throw_own, 0, externref_val(wasm_foreign_as_ref(thing)));
    wasm_ref_t *own = wasmx_trap_exception(trap);
    wasm_trap_delete(trap);
    CHECK(wasmx_exception_payload(own, v, 2));
    wasm_ref_t *carried = wasmx_ref_from_raw(store, WASM_EXTERNREF, v);
    CHECK(wasm_ref_same(carried, wasm_foreign_as_ref(thing)));
    wasm_ref_delete(carried);
    wasm_extern_t *exported = export_at(instance, OWN);
    tag = wasmx_exception_tag(own);
    CHECK(wasmx_tag_same(tag, wasmx_extern_as_tag(exported)));
    /* The exception holds on to what it carries. */
    wasm_foreign_delete(thing);
    wasmx_store_collect(store);
    CHECK(wasmx_exception_payload(own, v, 2));
    carried = wasmx_ref_from_raw(store, WASM_EXTERNREF, v);
    CHECK(wasm_ref_as_foreign(carried) != NULL);
    wasm_ref_delete(carried);
    wasm_extern_delete(exported);
    wasmx_tag_delete(tag);
    wasm_ref_delete(own);

    /* What is no exception. */
    CHECK(wasmx_exception_new(NULL, host.tag, 2, v) == NULL);
    CHECK(wasmx_exception_new(store, NULL, 2, v) == NULL);
    CHECK(wasmx_exception_new(store, host.tag, 1, v) == NULL);
    CHECK(wasmx_exception_new(store, host.tag, 2, NULL) == NULL);
    wasm_ref_t *no = wasm_func_as_ref(thrower);
    CHECK(wasmx_exception_tag(no) == NULL && wasmx_exception_tag(NULL) == NULL);
    CHECK_INT(wasmx_exception_payload_count(no), 0);
    CHECK_INT(wasmx_exception_payload_count(NULL), 0);
    CHECK(!wasmx_exception_payload(no, v, 2));
    CHECK(wasmx_trap_new_exception(no) == NULL && wasmx_trap_new_exception(NULL) == NULL);
    trap = host_trap(store, "plain");
    CHECK(wasmx_trap_exception(trap) == NULL && wasmx_trap_exception(NULL) == NULL);
    wasm_trap_delete(trap);
    /* A tag of another store. */
    wasm_store_t *elsewhere = wasm_store_new(engine);
    v[0].i32 = 1;
    CHECK(wasmx_exception_new(elsewhere, host.tag, 2, v) == NULL);
    wasm_store_delete(elsewhere);

    wasm_func_t *all[] = {catch_it, catch_ref, pass, throw_tag, throw_own, rethrow, thrower};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) wasm_func_delete(all[i]);
    wasm_instance_delete(instance);
    wasmx_tag_delete(host.tag);
    wasmx_tag_delete(other);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    /* The last handle of all keeps its world alive. */
    check_payload(caught, 5, theirs);
    wasm_ref_delete(caught);
    return done();
}
