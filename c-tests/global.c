/* Globals: made by the host or by the guest, read and written from both sides, constant ones left alone. */
#include "check.h"

static wasm_global_t *make(wasm_store_t *store, wasm_valtype_t *type, wasm_mutability_t mutability, wasm_val_t init) {
    wasm_globaltype_t *global_type = wasm_globaltype_new(type, mutability);
    wasm_global_t *global = wasm_global_new(store, global_type, &init);
    wasm_globaltype_delete(global_type);
    CHECK(global != NULL);
    return global;
}

static wasm_val_t get(const wasm_global_t *global, wasm_valkind_t kind) {
    wasm_val_t value = WASM_INIT_VAL;
    wasm_global_get(global, &value);
    CHECK_INT(value.kind, kind);
    return value;
}

static void set(wasm_global_t *global, wasm_val_t value) { wasm_global_set(global, &value); }

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);

    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_global_t *cf = make(store, wasm_valtype_new_f32(), WASM_CONST, f32_val(1));
    wasm_global_t *ci = make(store, wasm_valtype_new_i64(), WASM_CONST, i64_val(2));
    wasm_global_t *vf = make(store, wasm_valtype_new_f32(), WASM_VAR, f32_val(3));
    wasm_global_t *vi = make(store, wasm_valtype_new_i64(), WASM_VAR, i64_val(4));
    wasm_global_t *ve = make(store, wasm_valtype_new_externref(), WASM_VAR, externref_val(wasm_foreign_as_ref(foreign)));

    wasm_instance_t *instance =
        INSTANCE(store, global_wasm, wasm_global_as_extern(cf), wasm_global_as_extern(ci), wasm_global_as_extern(vf),
                 wasm_global_as_extern(vi), wasm_global_as_extern(ve));
    wasm_global_t *ecf = export_global(instance, 0), *eci = export_global(instance, 1);
    wasm_global_t *evf = export_global(instance, 2), *evi = export_global(instance, 3);
    wasm_global_t *func = export_global(instance, 4), *integer = export_global(instance, 5);
    wasm_global_t *real = export_global(instance, 6), *imported = export_global(instance, 17);
    wasm_func_t *get_ci = export_func(instance, 7), *get_cf = export_func(instance, 8);
    wasm_func_t *get_vf = export_func(instance, 9), *get_vi = export_func(instance, 10);
    wasm_func_t *get_ve = export_func(instance, 11), *set_vf = export_func(instance, 12);
    wasm_func_t *set_vi = export_func(instance, 13), *set_ve = export_func(instance, 14);
    wasm_func_t *get_own = export_func(instance, 15), *set_own = export_func(instance, 16);

    /* Identity. */
    CHECK(wasm_global_same(imported, vi));
    CHECK(!wasm_global_same(ecf, cf));
    CHECK(!wasm_global_same(evi, vi));
    wasm_global_t *copy = wasm_global_copy(vi);
    CHECK(wasm_global_same(copy, vi));
    set(copy, i64_val(44));
    CHECK_INT(get(vi, WASM_I64).of.i64, 44);
    set(copy, i64_val(4));
    wasm_global_delete(copy);

    /* Initial values, from both sides. */
    CHECK(get(cf, WASM_F32).of.f32 == 1);
    CHECK_INT(get(ci, WASM_I64).of.i64, 2);
    CHECK(get(vf, WASM_F32).of.f32 == 3);
    CHECK(get(ecf, WASM_F32).of.f32 == 5);
    CHECK_INT(get(eci, WASM_I64).of.i64, 2);
    CHECK(get(evf, WASM_F32).of.f32 == 7);
    CHECK_INT(get(evi, WASM_I64).of.i64, 8);
    CHECK_INT(get(integer, WASM_I32).of.i32, -1);
    CHECK(get(real, WASM_F64).of.f64 == 0 && __builtin_signbit(get(real, WASM_F64).of.f64));
    CHECK_INT(GET_I64(get_ci), 2);
    CHECK(call_one(get_cf, 0, NULL, WASM_F32).of.f32 == 1);
    CHECK(call_one(get_vf, 0, NULL, WASM_F32).of.f32 == 3);
    CHECK_INT(GET_I64(get_vi), 4);
    CHECK_INT(GET_I64(get_own), 10);

    /* Written by the host, seen by the guest; written by the guest, seen by the host. */
    set(vf, f32_val(33));
    set(vi, i64_val(INT64_MIN));
    set(evi, i64_val(100));
    CHECK(call_one(get_vf, 0, NULL, WASM_F32).of.f32 == 33);
    CHECK_INT(GET_I64(get_vi), INT64_MIN);
    CHECK_INT(GET_I64(get_own), 102);
    CALL_VOID(set_vf, f32_val(-0.5f));
    CALL_VOID(set_vi, i64_val(-7));
    CALL_VOID(set_own, i64_val(INT64_MAX));
    CHECK(get(vf, WASM_F32).of.f32 == -0.5f);
    CHECK_INT(get(imported, WASM_I64).of.i64, -7);
    CHECK_INT(get(evi, WASM_I64).of.i64, INT64_MAX);

    /* Constants and wrong kinds are refused, and nothing changes. */
    set(cf, f32_val(99));
    set(eci, i64_val(99));
    set(vi, i32_val(99));
    set(vf, f64_val(99));
    CHECK(get(cf, WASM_F32).of.f32 == 1);
    CHECK_INT(get(eci, WASM_I64).of.i64, 2);
    CHECK_INT(get(vi, WASM_I64).of.i64, -7);
    CHECK(get(vf, WASM_F32).of.f32 == -0.5f);
    wasm_globaltype_t *type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_VAR);
    wasm_val_t wrong = WASM_I64_VAL(1);
    CHECK(wasm_global_new(store, type, &wrong) == NULL);
    wasm_globaltype_delete(type);

    /* References. */
    wasm_val_t ref = get(ve, WASM_EXTERNREF);
    CHECK(wasm_ref_same(ref.of.ref, wasm_foreign_as_ref_const(foreign)));
    wasm_val_delete(&ref);
    ref = call_one(get_ve, 0, NULL, WASM_EXTERNREF);
    CHECK(wasm_ref_same(ref.of.ref, wasm_foreign_as_ref(foreign)));
    CHECK(wasm_foreign_same(wasm_ref_as_foreign(ref.of.ref), foreign));
    wasm_val_delete(&ref);
    CALL_VOID(set_ve, externref_val(NULL));
    CHECK(get(ve, WASM_EXTERNREF).of.ref == NULL);
    CALL_VOID(set_ve, externref_val(wasm_foreign_as_ref(foreign)));
    ref = get(ve, WASM_EXTERNREF);
    CHECK(wasm_ref_same(ref.of.ref, wasm_foreign_as_ref(foreign)));
    wasm_val_delete(&ref);
    ref = get(func, WASM_FUNCREF);
    wasm_func_t *held = wasm_ref_as_func(ref.of.ref);
    CHECK(held != NULL);
    CHECK(wasm_func_same(held, get_ci));
    CHECK_INT(GET_I64(held), 2);
    wasm_val_delete(&ref);
    set(func, funcref_val(wasm_func_as_ref(get_own)));
    ref = get(func, WASM_FUNCREF);
    CHECK(wasm_func_same(wasm_ref_as_func(ref.of.ref), get_own));
    wasm_val_delete(&ref);
    set(func, externref_val(wasm_foreign_as_ref(foreign))); /* no function */
    ref = get(func, WASM_FUNCREF);
    CHECK(wasm_func_same(wasm_ref_as_func(ref.of.ref), get_own));
    wasm_val_delete(&ref);
    set(func, funcref_val(NULL));
    CHECK(get(func, WASM_FUNCREF).of.ref == NULL);

    /* Types, as told by the objects. */
    wasm_globaltype_t *t = wasm_global_type(cf);
    CHECK_INT(wasm_valtype_kind(wasm_globaltype_content(t)), WASM_F32);
    CHECK_INT(wasm_globaltype_mutability(t), WASM_CONST);
    wasm_globaltype_delete(t);
    t = wasm_global_type(func);
    CHECK_INT(wasm_valtype_kind(wasm_globaltype_content(t)), WASM_FUNCREF);
    CHECK_INT(wasm_globaltype_mutability(t), WASM_VAR);
    wasm_globaltype_delete(t);

    wasm_global_t *globals[] = {cf, ci, vf, vi, ve, ecf, eci, evf, evi, func, integer, real, imported};
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) wasm_global_delete(globals[i]);
    wasm_func_t *funcs[] = {get_ci, get_cf, get_vf, get_vi, get_ve, set_vf, set_vi, set_ve, get_own, set_own};
    for (size_t i = 0; i < sizeof funcs / sizeof *funcs; i++) wasm_func_delete(funcs[i]);
    wasm_foreign_delete(foreign);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
