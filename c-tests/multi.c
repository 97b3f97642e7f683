/* Several parameters and results, in both directions, in order. */
#include "check.h"

static wasm_trap_t *rotate(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->size, 4);
    CHECK_INT(results->size, 4);
    wasm_val_copy(&results->data[0], &args->data[3]);
    wasm_val_copy(&results->data[1], &args->data[1]);
    wasm_val_copy(&results->data[2], &args->data[2]);
    wasm_val_copy(&results->data[3], &args->data[0]);
    return NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_valtype_t *types[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_i64(),
                               wasm_valtype_new_i32()};
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_new(&params, 4, types);
    wasm_valtype_vec_copy(&results, &params);
    wasm_func_t *callback = host_func(store, wasm_functype_new(&params, &results), rotate);
    CHECK_INT(wasm_func_param_arity(callback), 4);
    CHECK_INT(wasm_func_result_arity(callback), 4);

    wasm_instance_t *instance = INSTANCE(store, multi_wasm, wasm_func_as_extern(callback));
    wasm_func_t *g = export_func(instance, 0), *mixed = export_func(instance, 1), *trip = export_func(instance, 2);
    CHECK_INT(wasm_func_result_arity(mixed), 3);

    wasm_val_vec_t args, out;
    wasm_val_t values[] = {WASM_I32_VAL(1), WASM_I64_VAL(INT64_C(-2000000000000)), WASM_I64_VAL(3), WASM_I32_VAL(-4)};
    wasm_val_vec_new(&args, 4, values);
    wasm_val_vec_new_uninitialized(&out, 4);
    CHECK(wasm_func_call(g, &args, &out) == NULL);
    static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_I64, WASM_I32};
    for (int i = 0; i < 4; i++) CHECK_INT(out.data[i].kind, kinds[i]);
    CHECK_INT(out.data[0].of.i32, -4);
    CHECK_INT(out.data[1].of.i64, 3);
    CHECK_INT(out.data[2].of.i64, INT64_C(-2000000000000));
    CHECK_INT(out.data[3].of.i32, 1);

    CHECK(wasm_func_call(callback, &args, &out) == NULL);
    CHECK_INT(out.data[0].of.i32, -4);
    CHECK_INT(out.data[1].of.i64, INT64_C(-2000000000000));
    CHECK_INT(CALL_I32(trip, args.data[0], args.data[1], args.data[2], args.data[3]), -4);
    wasm_val_vec_delete(&args);
    wasm_val_vec_delete(&out);

    wasm_val_t three[3];
    wasm_val_t in[] = {WASM_F32_VAL(1.5f), WASM_F64_VAL(-2.5)};
    CHECK(call(mixed, 2, in, 3, three) == NULL);
    CHECK(three[0].kind == WASM_F64 && three[0].of.f64 == -2.5);
    CHECK(three[1].kind == WASM_F32 && three[1].of.f32 == 1.5f);
    CHECK(three[2].kind == WASM_I32 && three[2].of.i32 == 9);

    /* NaN payloads pass unchanged. */
    uint64_t bits = UINT64_C(0xfff4dead00000001), found;
    memcpy(&in[1].of.f64, &bits, sizeof bits);
    CHECK(call(mixed, 2, in, 3, three) == NULL);
    memcpy(&found, &three[0].of.f64, sizeof found);
    CHECK(found == bits);

    wasm_func_delete(callback);
    wasm_func_delete(g);
    wasm_func_delete(mixed);
    wasm_func_delete(trip);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
