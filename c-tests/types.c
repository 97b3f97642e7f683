/* Type objects: built from parts, copied, taken apart, cast to the general type and back, with every short-hand of the
 * header. Types know no store and own what they are made of. */
#include "check.h"

static const wasm_valkind_t all_kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF};

static void value_types(void) {
    wasm_valtype_t *made[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(),       wasm_valtype_new_f32(),
                              wasm_valtype_new_f64(), wasm_valtype_new_externref(), wasm_valtype_new_funcref()};
    for (int i = 0; i < 6; i++) {
        wasm_valkind_t kind = all_kinds[i];
        CHECK_INT(wasm_valtype_kind(made[i]), kind);
        CHECK_INT(wasm_valtype_is_num(made[i]), i < 4);
        CHECK_INT(wasm_valtype_is_ref(made[i]), i >= 4);
        CHECK_INT(wasm_valkind_is_num(kind), i < 4);
        CHECK_INT(wasm_valkind_is_ref(kind), i >= 4);
        wasm_valtype_t *copy = wasm_valtype_copy(made[i]);
        wasm_valtype_delete(made[i]);
        CHECK_INT(wasm_valtype_kind(copy), kind);
        wasm_valtype_delete(copy);
        wasm_valtype_t *again = wasm_valtype_new(kind);
        CHECK_INT(wasm_valtype_kind(again), kind);
        wasm_valtype_delete(again);
    }
    CHECK(wasm_valtype_new(99) == NULL);
    CHECK(wasm_valtype_new(255) == NULL);
}

/* The parameters are the first `params` of i32, i64, f32 and the results the first `results` of f64, funcref. */
static void check_shape(wasm_functype_t *type, size_t params, size_t results) {
    static const wasm_valkind_t ps[] = {WASM_I32, WASM_I64, WASM_F32}, rs[] = {WASM_F64, WASM_FUNCREF};
    wasm_functype_t *copy = wasm_functype_copy(type);
    for (int round = 0; round < 2; round++) {
        const wasm_functype_t *t = round ? copy : type;
        CHECK_INT(wasm_functype_params(t)->size, params);
        CHECK_INT(wasm_functype_results(t)->size, results);
        for (size_t i = 0; i < params; i++) CHECK_INT(wasm_valtype_kind(wasm_functype_params(t)->data[i]), ps[i]);
        for (size_t i = 0; i < results; i++) CHECK_INT(wasm_valtype_kind(wasm_functype_results(t)->data[i]), rs[i]);
        if (round == 0) wasm_functype_delete(type);
    }
    wasm_functype_delete(copy);
}

static void function_types(void) {
#define P1 wasm_valtype_new_i32()
#define P2 wasm_valtype_new_i64()
#define P3 wasm_valtype_new_f32()
#define R1 wasm_valtype_new_f64()
#define R2 wasm_valtype_new_funcref()
    check_shape(wasm_functype_new_0_0(), 0, 0);
    check_shape(wasm_functype_new_1_0(P1), 1, 0);
    check_shape(wasm_functype_new_2_0(P1, P2), 2, 0);
    check_shape(wasm_functype_new_3_0(P1, P2, P3), 3, 0);
    check_shape(wasm_functype_new_0_1(R1), 0, 1);
    check_shape(wasm_functype_new_1_1(P1, R1), 1, 1);
    check_shape(wasm_functype_new_2_1(P1, P2, R1), 2, 1);
    check_shape(wasm_functype_new_3_1(P1, P2, P3, R1), 3, 1);
    check_shape(wasm_functype_new_0_2(R1, R2), 0, 2);
    check_shape(wasm_functype_new_1_2(P1, R1, R2), 1, 2);
    check_shape(wasm_functype_new_2_2(P1, P2, R1, R2), 2, 2);
    check_shape(wasm_functype_new_3_2(P1, P2, P3, R1, R2), 3, 2);

    enum { MANY = 1000 };
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_new_uninitialized(&params, MANY);
    for (int i = 0; i < MANY; i++) params.data[i] = wasm_valtype_new(all_kinds[i % 6]);
    wasm_valtype_vec_new_empty(&results);
    wasm_functype_t *wide = wasm_functype_new(&params, &results);
    CHECK_INT(wasm_functype_params(wide)->size, MANY);
    for (int i = 0; i < MANY; i++)
        CHECK_INT(wasm_valtype_kind(wasm_functype_params(wide)->data[i]), all_kinds[i % 6]);
    wasm_functype_delete(wide);
}

static wasm_limits_t limits_of(uint32_t min, uint32_t max) { return (wasm_limits_t){min, max}; }

static void object_types(void) {
    wasm_limits_t limits = limits_of(3, 17);
    for (int i = 0; i < 6; i++) {
        for (int mutability = WASM_CONST; mutability <= WASM_VAR; mutability++) {
            wasm_globaltype_t *type = wasm_globaltype_new(wasm_valtype_new(all_kinds[i]), mutability);
            wasm_globaltype_t *copy = wasm_globaltype_copy(type);
            wasm_globaltype_delete(type);
            CHECK_INT(wasm_valtype_kind(wasm_globaltype_content(copy)), all_kinds[i]);
            CHECK_INT(wasm_globaltype_mutability(copy), mutability);
            wasm_globaltype_delete(copy);
        }
    }
    for (int i = 4; i < 6; i++) {
        wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new(all_kinds[i]), &limits);
        wasm_tabletype_t *copy = wasm_tabletype_copy(type);
        wasm_tabletype_delete(type);
        CHECK_INT(wasm_valtype_kind(wasm_tabletype_element(copy)), all_kinds[i]);
        CHECK_INT(wasm_tabletype_limits(copy)->min, 3);
        CHECK_INT(wasm_tabletype_limits(copy)->max, 17);
        wasm_tabletype_delete(copy);
    }
    limits = limits_of(0, wasm_limits_max_default);
    wasm_memorytype_t *memory = wasm_memorytype_new(&limits);
    limits = limits_of(9, 9); /* copied, not kept */
    wasm_memorytype_t *memory_copy = wasm_memorytype_copy(memory);
    wasm_memorytype_delete(memory);
    CHECK_INT(wasm_memorytype_limits(memory_copy)->min, 0);
    CHECK_INT(wasm_memorytype_limits(memory_copy)->max, wasm_limits_max_default);
    wasm_memorytype_delete(memory_copy);

    wasm_tagtype_t *tag = wasm_tagtype_new(wasm_functype_new_2_0(P1, P2));
    CHECK(tag != NULL);
    wasm_tagtype_t *tag_copy = wasm_tagtype_copy(tag);
    wasm_tagtype_delete(tag);
    const wasm_functype_t *payload = wasm_tagtype_functype(tag_copy);
    CHECK_INT(wasm_functype_params(payload)->size, 2);
    CHECK_INT(wasm_valtype_kind(wasm_functype_params(payload)->data[1]), WASM_I64);
    CHECK_INT(wasm_functype_results(payload)->size, 0);
    wasm_tagtype_delete(tag_copy);
}

static wasm_externtype_t *one_of(wasm_externkind_t kind) {
    wasm_limits_t limits = limits_of(1, 2);
    switch (kind) {
    case WASM_EXTERN_FUNC: return wasm_functype_as_externtype(wasm_functype_new_1_1(P1, R1));
    case WASM_EXTERN_GLOBAL: return wasm_globaltype_as_externtype(wasm_globaltype_new(P2, WASM_VAR));
    case WASM_EXTERN_TABLE: return wasm_tabletype_as_externtype(wasm_tabletype_new(R2, &limits));
    case WASM_EXTERN_MEMORY: return wasm_memorytype_as_externtype(wasm_memorytype_new(&limits));
    default: return wasm_tagtype_as_externtype(wasm_tagtype_new(wasm_functype_new_1_0(P3)));
    }
}

/* Casts succeed to the very kind and give NULL for every other; going there and back gives the same object. */
static void check_casts(wasm_externtype_t *type, wasm_externkind_t kind) {
    const wasm_externtype_t *constant = type;
    CHECK_INT(wasm_externtype_kind(type), kind);
#define CAST(name, its_kind)                                                                                           \
    do {                                                                                                               \
        wasm_##name##_t *cast = wasm_externtype_as_##name(type);                                                       \
        const wasm_##name##_t *const_cast = wasm_externtype_as_##name##_const(constant);                               \
        CHECK_INT(cast != NULL, kind == its_kind);                                                                     \
        CHECK_INT(const_cast != NULL, kind == its_kind);                                                               \
        if (cast) {                                                                                                    \
            CHECK(wasm_##name##_as_externtype(cast) == type);                                                          \
            CHECK(wasm_##name##_as_externtype_const(const_cast) == constant);                                          \
        }                                                                                                              \
    } while (0)
    CAST(functype, WASM_EXTERN_FUNC);
    CAST(globaltype, WASM_EXTERN_GLOBAL);
    CAST(tabletype, WASM_EXTERN_TABLE);
    CAST(memorytype, WASM_EXTERN_MEMORY);
    CAST(tagtype, WASM_EXTERN_TAG);
}

static void extern_types(void) {
    CHECK_INT(WASM_EXTERN_TAG, 4);
    for (int kind = WASM_EXTERN_FUNC; kind <= WASM_EXTERN_TAG; kind++) {
        wasm_externtype_t *type = one_of(kind);
        check_casts(type, kind);
        wasm_externtype_t *copy = wasm_externtype_copy(type);
        CHECK(copy != type);
        wasm_externtype_delete(type);
        check_casts(copy, kind);
        wasm_externtype_delete(copy);

        wasm_name_t module, name;
        wasm_name_new_from_string(&module, "mod\xc3\xbcl");
        wasm_name_new(&name, 3, "a\0b");
        wasm_importtype_t *import = wasm_importtype_new(&module, &name, one_of(kind));
        wasm_importtype_t *import_copy = wasm_importtype_copy(import);
        wasm_importtype_delete(import);
        CHECK(name_is(wasm_importtype_module(import_copy), "mod\xc3\xbcl", 6));
        CHECK(name_is(wasm_importtype_name(import_copy), "a\0b", 3));
        CHECK_INT(wasm_externtype_kind(wasm_importtype_type(import_copy)), kind);
        wasm_importtype_delete(import_copy);

        wasm_name_new_from_string_nt(&name, "nt");
        CHECK_INT(name.size, 3);
        wasm_exporttype_t *export = wasm_exporttype_new(&name, one_of(kind));
        wasm_exporttype_t *export_copy = wasm_exporttype_copy(export);
        wasm_exporttype_delete(export);
        CHECK(name_is(wasm_exporttype_name(export_copy), "nt\0", 3));
        CHECK_INT(wasm_externtype_kind(wasm_exporttype_type(export_copy)), kind);
        wasm_exporttype_delete(export_copy);
    }
}

int main(void) {
    value_types();
    function_types();
    object_types();
    extern_types();
    return done();
}
