/* The edges of wasm_func_call: vectors larger and smaller than the arity, missing vectors, values of the wrong kind,
 * references of another store, results of a call that traps, a thousand values at once. */
#include "check.h"

static wasm_trap_t *two(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->size, 2);
    CHECK_INT(results->size, 2);
    results->data[0] = args->data[1];
    results->data[1] = args->data[0];
    return NULL;
}

static wasm_trap_t *must_not_run(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    CHECK(!"a call that should have been refused");
    return NULL;
}

static wasm_functype_t *type_two(void) {
    return wasm_functype_new_2_2(wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_i64(), wasm_valtype_new_i32());
}

static void refused(wasm_trap_t *trap) {
    CHECK(trap != NULL);
    CHECK(trap_says(trap, ""));
    wasm_trap_delete(trap);
}

static void arity(const wasm_func_t *swap, const wasm_func_t *never) {
    wasm_val_t args[4] = {WASM_I32_VAL(1), WASM_I64_VAL(2), WASM_I32_VAL(3), WASM_I32_VAL(4)};
    wasm_val_t results[8];

    /* More room than results: the rest is left as it was. */
    for (size_t room = 2; room <= 8; room++) {
        for (int i = 0; i < 8; i++) results[i] = i32_val(-7);
        CHECK(call(swap, 2, args, room, results) == NULL);
        CHECK_INT(results[0].kind, WASM_I64);
        CHECK_INT(results[0].of.i64, 2);
        CHECK_INT(results[1].of.i32, 1);
        for (int i = 2; i < 8; i++) CHECK_INT(results[i].of.i32, -7);
    }
    /* Less room. */
    for (size_t room = 0; room < 2; room++) refused(call(never, 2, args, room, results));
    wasm_val_vec_t in = {2, args};
    refused(wasm_func_call(never, &in, NULL));
    wasm_val_vec_t hollow = {2, NULL};
    refused(wasm_func_call(never, &in, &hollow));
    /* Fewer arguments, or none at all. */
    for (size_t count = 0; count < 2; count++) refused(call(never, count, args, 2, results));
    wasm_val_vec_t out = {2, results};
    refused(wasm_func_call(never, NULL, &out));
    refused(wasm_func_call(never, &hollow, &out));
    /* Too many. */
    refused(call(never, 4, args, 2, results));
    /* No function. */
    wasm_trap_t *trap = wasm_func_call(NULL, &in, &out);
    wasm_trap_delete(trap);
}

static void kinds(const wasm_func_t *never) {
    wasm_val_t results[2];
    wasm_val_t pool[] = {i32_val(1), i64_val(1), f32_val(1), f64_val(1), externref_val(NULL), funcref_val(NULL),
                         {.kind = 77, .of = {.i64 = 1}}};
    size_t count = sizeof pool / sizeof *pool;
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            if (a == 0 && b == 1) continue;
            wasm_val_t args[] = {pool[a], pool[b]};
            refused(call(never, 2, args, 2, results));
        }
    }
}

static void nothing_needed(wasm_store_t *store) {
    wasm_instance_t *instance = INSTANCE_ALONE(store, finalize_wasm);
    wasm_func_t *func = export_func(instance, 0);
    CHECK(wasm_func_call(func, NULL, NULL) == NULL);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    CHECK(wasm_func_call(func, &none, &none) == NULL);
    CHECK(wasm_func_call(func, &none, NULL) == NULL);
    CHECK(wasm_func_call(func, NULL, &none) == NULL);
    wasm_val_t spare = WASM_I32_VAL(5);
    CHECK(call(func, 0, NULL, 1, &spare) == NULL);
    CHECK_INT(spare.of.i32, 5);
    wasm_func_delete(func);
    wasm_instance_delete(instance);
}

static wasm_trap_t *keep(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    wasm_val_copy(&results->data[0], &args->data[0]);
    return NULL;
}

static void other_store(wasm_engine_t *engine, wasm_store_t *store) {
    wasm_store_t *stranger = wasm_store_new(engine);
    wasm_foreign_t *foreign = wasm_foreign_new(stranger);
    wasm_func_t *func = host_func(store, wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_externref()), keep);
    refused(CALL_TRAP(func, 1, externref_val(wasm_foreign_as_ref(foreign))));
    wasm_func_delete(func);
    wasm_foreign_delete(foreign);
    wasm_store_delete(stranger);
}

/* Results may be written where the arguments are read. */
static void aliasing(const wasm_func_t *swap) {
    wasm_val_t values[] = {WASM_I32_VAL(11), WASM_I64_VAL(22)};
    wasm_val_vec_t both = WASM_ARRAY_VEC(values);
    CHECK(wasm_func_call(swap, &both, &both) == NULL);
    CHECK_INT(values[0].of.i64, 22);
    CHECK_INT(values[1].of.i32, 11);
}

/* What a callback has put into its results before it traps has an owner all the same (the leak checks see to it). */
static wasm_trap_t *half_done(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    for (size_t i = 0; i < results->size; i++) wasm_val_copy(&results->data[i], &args->data[0]);
    return host_trap(env, "half done");
}

static void results_of_a_trap(wasm_store_t *store) {
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_func_t *func = host_closure(
        store, wasm_functype_new_1_2(wasm_valtype_new_externref(), wasm_valtype_new_externref(), wasm_valtype_new_externref()),
        half_done, store, NULL);
    wasm_val_t results[2] = {WASM_I32_VAL(1), WASM_I32_VAL(2)};
    wasm_val_t arg = WASM_REF_VAL(wasm_foreign_as_ref(foreign));
    for (int i = 0; i < 10; i++) {
        wasm_trap_t *trap = call(func, 1, &arg, 2, results);
        CHECK_TRAP(trap, "half done");
        CHECK_INT(results[0].of.i32, 1); /* a call that traps leaves them alone */
        CHECK_INT(results[1].of.i32, 2);
    }
    wasm_func_delete(func);
    wasm_foreign_delete(foreign);
}

/* A thousand parameters and results of all types, in order. */
enum { MANY = 1000 };

static wasm_trap_t *reverse(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->size, MANY);
    CHECK_INT(results->size, MANY);
    for (int i = 0; i < MANY; i++) wasm_val_copy(&results->data[i], &args->data[MANY - 1 - i]);
    return NULL;
}

static void many_values(wasm_store_t *store) {
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_valtype_vec_t params, results;
    wasm_val_vec_t in, out;
    wasm_valtype_vec_new_uninitialized(&params, MANY);
    wasm_valtype_vec_new_uninitialized(&results, MANY);
    wasm_val_vec_new_uninitialized(&in, MANY);
    wasm_val_vec_new_uninitialized(&out, MANY);
    for (int i = 0; i < MANY; i++) {
        wasm_val_t pool[] = {i32_val(i), i64_val(-i), f32_val((float)i), f64_val(-i / 2.0),
                             externref_val(wasm_foreign_as_ref(foreign))};
        wasm_val_copy(&in.data[i], &pool[i % 5]);
        params.data[i] = wasm_valtype_new(in.data[i].kind);
        results.data[MANY - 1 - i] = wasm_valtype_new(in.data[i].kind);
    }
    wasm_func_t *func = host_func(store, wasm_functype_new(&params, &results), reverse);
    CHECK(wasm_func_call(func, &in, &out) == NULL);
    for (int i = 0; i < MANY; i++) {
        const wasm_val_t *a = &in.data[i], *b = &out.data[MANY - 1 - i];
        CHECK_INT(b->kind, a->kind);
        if (a->kind == WASM_EXTERNREF) CHECK(wasm_ref_same(a->of.ref, b->of.ref));
        else CHECK(memcmp(&a->of, &b->of, i % 5 % 2 ? 8 : 4) == 0);
    }
    wasm_val_vec_delete(&in);
    wasm_val_vec_delete(&out);
    wasm_func_delete(func);
    wasm_foreign_delete(foreign);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_func_t *swap = host_func(store, type_two(), two);
    wasm_func_t *never = host_func(store, type_two(), must_not_run);
    arity(swap, never);
    kinds(never);
    nothing_needed(store);
    other_store(engine, store);
    aliasing(swap);
    results_of_a_trap(store);
    many_values(store);
    wasm_func_delete(swap);
    wasm_func_delete(never);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
