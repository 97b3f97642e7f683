/* Vectors of everything: empty, prepared, made from elements, copied deeply, deleted with what they hold. */
#include "check.h"

static wasm_limits_t limits = {1, 2};
static wasm_valtype_t *make_valtype(void) { return wasm_valtype_new_i32(); }
static wasm_functype_t *make_functype(void) { return wasm_functype_new_1_1(make_valtype(), make_valtype()); }
static wasm_globaltype_t *make_globaltype(void) { return wasm_globaltype_new(make_valtype(), WASM_VAR); }
static wasm_tabletype_t *make_tabletype(void) { return wasm_tabletype_new(wasm_valtype_new_funcref(), &limits); }
static wasm_memorytype_t *make_memorytype(void) { return wasm_memorytype_new(&limits); }
static wasm_tagtype_t *make_tagtype(void) { return wasm_tagtype_new(wasm_functype_new_0_0()); }
static wasm_externtype_t *make_externtype(void) { return wasm_memorytype_as_externtype(make_memorytype()); }
static wasm_importtype_t *make_importtype(void) {
    wasm_name_t module, name;
    wasm_name_new_from_string(&module, "module");
    wasm_name_new_from_string(&name, "name");
    return wasm_importtype_new(&module, &name, make_externtype());
}
static wasm_exporttype_t *make_exporttype(void) {
    wasm_name_t name;
    wasm_name_new_empty(&name);
    return wasm_exporttype_new(&name, make_externtype());
}

static wasm_store_t *store;
static wasm_extern_t *make_extern(void) {
    wasm_memorytype_t *type = make_memorytype();
    wasm_extern_t *made = wasm_memory_as_extern(wasm_memory_new(store, type));
    wasm_memorytype_delete(type);
    return made;
}

static wasm_frame_t *some_frame;
static wasm_frame_t *make_frame(void) { return wasm_frame_copy(some_frame); }

/* Vectors of pointers, by the name of what they point to; a copy of a type or a frame is another object, a copy of an
 * external is one more handle to the same, which may have the same address. */
#define POINTERS(name, distinct)                                                                                       \
    static void vector_of_##name(void) {                                                                               \
        wasm_##name##_vec_t v, w;                                                                                      \
        wasm_##name##_vec_new_empty(&v);                                                                               \
        CHECK_INT(v.size, 0);                                                                                          \
        wasm_##name##_vec_copy(&w, &v);                                                                                \
        CHECK_INT(w.size, 0);                                                                                          \
        wasm_##name##_vec_delete(&v);                                                                                  \
        wasm_##name##_vec_delete(&w);                                                                                  \
        wasm_##name##_vec_new_uninitialized(&v, 0);                                                                    \
        CHECK_INT(v.size, 0);                                                                                          \
        wasm_##name##_vec_delete(&v);                                                                                  \
        wasm_##name##_vec_new(&v, 0, NULL);                                                                            \
        CHECK_INT(v.size, 0);                                                                                          \
        wasm_##name##_vec_delete(&v);                                                                                  \
        /* Prepared but never, or only partly, filled. */                                                              \
        wasm_##name##_vec_new_uninitialized(&v, 5);                                                                    \
        CHECK_INT(v.size, 5);                                                                                          \
        wasm_##name##_vec_delete(&v);                                                                                  \
        wasm_##name##_vec_new_uninitialized(&v, 3);                                                                    \
        v.data[1] = make_##name();                                                                                     \
        CHECK(v.data[0] == NULL && v.data[1] != NULL && v.data[2] == NULL);                                            \
        wasm_##name##_vec_copy(&w, &v);                                                                                \
        CHECK(w.size == 3 && w.data[0] == NULL && w.data[1] != NULL);                                                  \
        CHECK(!distinct || w.data[1] != v.data[1]);                                                                    \
        wasm_##name##_vec_delete(&v);                                                                                  \
        wasm_##name##_vec_delete(&w);                                                                                  \
        /* Made from elements, which it then owns; the array stays the caller's. */                                    \
        wasm_##name##_t *elements[4];                                                                                  \
        for (int i = 0; i < 4; i++) elements[i] = make_##name();                                                       \
        wasm_##name##_vec_new(&v, 4, elements);                                                                        \
        CHECK_INT(v.size, 4);                                                                                          \
        CHECK(v.data != elements);                                                                                     \
        for (int i = 0; i < 4; i++) CHECK(v.data[i] == elements[i]);                                                   \
        memset(elements, 0, sizeof elements);                                                                          \
        wasm_##name##_vec_copy(&w, &v);                                                                                \
        CHECK_INT(w.size, 4);                                                                                          \
        for (int i = 0; i < 4; i++) CHECK(w.data[i] != NULL && (!distinct || w.data[i] != v.data[i]));                 \
        wasm_##name##_vec_delete(&v);                                                                                  \
        CHECK(w.data[3] != NULL);                                                                                      \
        wasm_##name##_vec_delete(&w);                                                                                  \
    }
POINTERS(valtype, true)
POINTERS(functype, true)
POINTERS(globaltype, true)
POINTERS(tabletype, true)
POINTERS(memorytype, true)
POINTERS(tagtype, true)
POINTERS(externtype, true)
POINTERS(importtype, true)
POINTERS(exporttype, true)
POINTERS(extern, false)
POINTERS(frame, true)

static void bytes(void) {
    wasm_byte_vec_t v, w;
    wasm_byte_vec_new_empty(&v);
    CHECK_INT(v.size, 0);
    wasm_byte_vec_delete(&v);
    wasm_byte_vec_new(&v, 5, "a\0b\xff!");
    wasm_byte_vec_copy(&w, &v);
    CHECK(w.data != v.data);
    v.data[0] = 'z';
    CHECK(name_is(&w, "a\0b\xff!", 5));
    wasm_byte_vec_delete(&v);
    wasm_byte_vec_delete(&w);
    wasm_byte_vec_new_uninitialized(&v, 1 << 20);
    CHECK_INT(v.size, 1 << 20);
    memset(v.data, 1, v.size);
    wasm_byte_vec_copy(&w, &v);
    CHECK(memcmp(v.data, w.data, v.size) == 0);
    wasm_byte_vec_delete(&v);
    wasm_byte_vec_delete(&w);

    /* The names' names. */
    wasm_name_new_from_string(&v, "hello");
    CHECK(name_is(&v, "hello", 5));
    wasm_name_copy(&w, &v);
    CHECK(name_is(&w, "hello", 5));
    wasm_name_delete(&v);
    wasm_name_delete(&w);
    wasm_name_new_from_string(&v, "");
    CHECK_INT(v.size, 0);
    wasm_name_delete(&v);
    wasm_name_new_from_string_nt(&v, "hello");
    CHECK(name_is(&v, "hello\0", 6));
    wasm_name_delete(&v);
    wasm_name_new_uninitialized(&v, 2);
    CHECK_INT(v.size, 2);
    wasm_name_delete(&v);
    wasm_name_new_empty(&v);
    wasm_name_delete(&v);

    /* More than there is: an empty vector and a reason, not a crash. */
    wasm_byte_vec_new_uninitialized(&v, SIZE_MAX);
    CHECK_INT(v.size, 0);
    CHECK(wasmx_last_error() != NULL);
    wasm_byte_vec_delete(&v);
    wasm_valtype_vec_t types;
    wasm_valtype_vec_new_uninitialized(&types, SIZE_MAX / 4);
    CHECK_INT(types.size, 0);
    wasm_valtype_vec_delete(&types);
    wasm_val_vec_t values;
    wasm_val_vec_new_uninitialized(&values, SIZE_MAX / 16 + 2);
    CHECK_INT(values.size, 0);
    wasm_val_vec_delete(&values);
}

static void values(void) {
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_val_t literal[] = {WASM_I32_VAL(-1), WASM_I64_VAL(INT64_MIN), WASM_F32_VAL(0.5f), WASM_F64_VAL(-0.25),
                            WASM_REF_VAL(wasm_ref_copy(wasm_foreign_as_ref(foreign))), WASM_INIT_VAL};
    wasm_val_vec_t v, w;
    wasm_val_vec_new(&v, 6, literal);
    wasm_val_vec_copy(&w, &v);
    CHECK_INT(w.size, 6);
    CHECK_INT(w.data[0].of.i32, -1);
    CHECK_INT(w.data[1].of.i64, INT64_MIN);
    CHECK(w.data[2].of.f32 == 0.5f);
    CHECK(w.data[3].of.f64 == -0.25);
    CHECK_INT(w.data[4].kind, WASM_EXTERNREF);
    CHECK(wasm_ref_same(w.data[4].of.ref, wasm_foreign_as_ref(foreign)));
    CHECK(w.data[5].of.ref == NULL);
    wasm_val_vec_delete(&v);
    CHECK(wasm_ref_same(w.data[4].of.ref, wasm_foreign_as_ref(foreign)));
    wasm_val_vec_delete(&w);
    wasm_val_vec_new_empty(&v);
    CHECK_INT(v.size, 0);
    wasm_val_vec_delete(&v);
    wasm_val_vec_new_uninitialized(&v, 3);
    CHECK_INT(v.size, 3);
    wasm_val_vec_delete(&v);
    wasm_val_vec_t fixed = WASM_ARRAY_VEC(literal);
    CHECK_INT(fixed.size, 6);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    CHECK(none.size == 0 && none.data == NULL);

    wasm_val_t one = WASM_REF_VAL(wasm_foreign_as_ref(foreign)), other;
    wasm_val_copy(&other, &one);
    CHECK_INT(other.kind, WASM_EXTERNREF);
    CHECK(wasm_ref_same(other.of.ref, one.of.ref));
    wasm_val_delete(&other);
    for (int i = 0; i < 4; i++) {
        wasm_val_copy(&other, &literal[i]);
        CHECK_INT(other.kind, literal[i].kind);
        CHECK(memcmp(&other.of, &literal[i].of, i % 2 ? 8 : 4) == 0);
        wasm_val_delete(&other);
    }
    int here;
    wasm_val_init_ptr(&one, &here);
    CHECK(wasm_val_ptr(&one) == &here);
    CHECK(wasm_valkind_is_num(one.kind));
    wasm_foreign_delete(foreign);
}

static void fetch_frame(void) {
    wasm_instance_t *instance = INSTANCE_ALONE(store, table_wasm);
    wasm_func_t *through = export_func(instance, 3);
    wasm_trap_t *trap = CALL_TRAP(through, 1, i32_val(0), i32_val(9));
    CHECK(trap != NULL);
    some_frame = wasm_trap_origin(trap);
    CHECK(some_frame != NULL);
    wasm_trap_delete(trap);
    wasm_func_delete(through);
    wasm_instance_delete(instance);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    store = wasm_store_new(engine);
    fetch_frame();
    bytes();
    values();
    vector_of_valtype();
    vector_of_functype();
    vector_of_globaltype();
    vector_of_tabletype();
    vector_of_memorytype();
    vector_of_tagtype();
    vector_of_externtype();
    vector_of_importtype();
    vector_of_exporttype();
    vector_of_extern();
    vector_of_frame();
    wasm_frame_delete(some_frame);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
