/* Host functions: arguments of every numeric type arrive whole, closures carry their environment and finalize it once,
 * and a callback that gives back the wrong kind of value becomes a trap instead of a wrong result. */
#include "check.h"

static int64_t printed;

static wasm_trap_t *print(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->size, 1);
    CHECK_INT(results->size, 1);
    CHECK_INT(args->data[0].kind, WASM_I32);
    printed += args->data[0].of.i32;
    wasm_val_copy(&results->data[0], &args->data[0]);
    return NULL;
}

static wasm_trap_t *closure(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->size, 0);
    results->data[0] = i32_val((*(int *)env)++);
    return NULL;
}

static wasm_trap_t *all(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK(env == NULL);
    CHECK_INT(args->size, 4);
    CHECK_INT(args->data[0].kind, WASM_I32);
    CHECK_INT(args->data[1].kind, WASM_I64);
    CHECK_INT(args->data[2].kind, WASM_F32);
    CHECK_INT(args->data[3].kind, WASM_F64);
    results->data[0] = i64_val(args->data[0].of.i32 + args->data[1].of.i64 + (int64_t)args->data[2].of.f32 +
                               (int64_t)args->data[3].of.f64);
    return NULL;
}

static wasm_trap_t *liar(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args;
    results->data[0] = f64_val(1.0);
    return NULL;
}

static wasm_trap_t *silent(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return NULL;
}

static int finalized;
static void finalize(void *env) {
    CHECK_INT(*(int *)env, 49);
    finalized++;
}

static wasm_functype_t *type_all(void) {
    wasm_valtype_t *ps[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(),
                            wasm_valtype_new_f64()};
    wasm_valtype_t *rs[] = {wasm_valtype_new_i64()};
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_new(&params, 4, ps);
    wasm_valtype_vec_new(&results, 1, rs);
    return wasm_functype_new(&params, &results);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);

    int count = 42;
    wasm_func_t *f_print = host_func(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), print);
    wasm_func_t *f_closure = host_closure(store, wasm_functype_new_0_1(wasm_valtype_new_i32()), closure, &count, finalize);
    wasm_func_t *f_all = host_closure(store, type_all(), all, NULL, NULL);
    CHECK_INT(wasm_func_param_arity(f_all), 4);
    CHECK_INT(wasm_func_result_arity(f_all), 1);

    wasm_instance_t *instance =
        INSTANCE(store, callback_wasm, wasm_func_as_extern(f_print), wasm_func_as_extern(f_closure),
                 wasm_func_as_extern(f_all));
    wasm_func_t *run = export_func(instance, 0), *run_all = export_func(instance, 1), *loop = export_func(instance, 2);

    CHECK_INT(CALL_I32(run, i32_val(3), i32_val(4)), 7 + 42);
    CHECK_INT(printed, 7);
    CHECK_INT(CALL_I32(run, i32_val(INT32_MAX), i32_val(1)), INT32_MIN + 43);
    CHECK_INT(printed, 7 + (int64_t)INT32_MIN);

    CHECK_INT(CALL_I64(run_all, i32_val(-1), i64_val(INT64_C(1) << 40), f32_val(1024.0f), f64_val(-4096.0)),
              (INT64_C(1) << 40) - 1 + 1024 - 4096);

    printed = 0;
    CHECK_INT(CALL_I32(loop, i32_val(10000)), 10000 * 10001 / 2);
    CHECK_INT(printed, 10000 * 10001 / 2);

    /* Straight to the host function, without a guest. */
    for (int i = 44; i < 49; i++) CHECK_INT(GET_I32(f_closure), i);

    /* Wrong results of a callback. */
    wasm_func_t *f_liar = host_func(store, wasm_functype_new_0_1(wasm_valtype_new_i32()), liar);
    wasm_val_t result = WASM_INIT_VAL;
    wasm_trap_t *trap = call(f_liar, 0, NULL, 1, &result);
    CHECK(trap != NULL);
    wasm_trap_delete(trap);
    wasm_func_t *f_silent = host_func(store, wasm_functype_new_0_1(wasm_valtype_new_externref()), silent);
    trap = call(f_silent, 0, NULL, 1, &result);
    if (trap) {
        wasm_trap_delete(trap);
    } else {
        CHECK(result.of.ref == NULL);
    }
    wasm_instance_t *lied_to = INSTANCE(store, callback_wasm, wasm_func_as_extern(f_print), wasm_func_as_extern(f_liar),
                                        wasm_func_as_extern(f_all));
    wasm_func_t *run_lied = export_func(lied_to, 0);
    trap = CALL_TRAP(run_lied, 1, i32_val(1), i32_val(1));
    CHECK(trap != NULL);
    wasm_trap_delete(trap);

    wasm_func_delete(f_print);
    wasm_func_delete(f_closure);
    wasm_func_delete(f_all);
    wasm_func_delete(f_liar);
    wasm_func_delete(f_silent);
    wasm_func_delete(run);
    wasm_func_delete(run_all);
    wasm_func_delete(loop);
    wasm_func_delete(run_lied);
    wasm_instance_delete(instance);
    wasm_instance_delete(lied_to);
    CHECK(finalized <= 1);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_INT(finalized, 1);
    return done();
}
