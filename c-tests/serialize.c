/* A module written to an image and read back works like the module; an image that was cut, extended or changed is
 * refused or, where the change hits nothing that matters, is still a sound module. Never more than that. */
#include "check.h"

static wasm_trap_t *add(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = i32_val(args->data[0].of.i32 + args->data[1].of.i32);
    return NULL;
}

static wasm_functype_t *type_add(void) {
    return wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32());
}

static void use(wasm_store_t *store, const wasm_module_t *module) {
    wasm_func_t *callback = host_func(store, type_add(), add);
    wasm_extern_t *imports[] = {wasm_func_as_extern(callback)};
    wasm_instance_t *instance = link_module(store, module, 1, imports);
    wasm_func_delete(callback);
    wasm_memory_t *memory = export_memory(instance, 0);
    wasm_func_t *run = export_func(instance, 1), *twice = export_func(instance, 2);
    CHECK(memcmp(wasm_memory_data(memory) + 8, "image", 5) == 0);
    CHECK_INT(CALL_I32(run, i32_val(2)), 42);
    CHECK_INT(CALL_I32(run, i32_val(-2)), 40);
    CHECK_INT(CALL_I32(twice, i32_val(21)), 42);
    wasm_func_delete(run);
    wasm_func_delete(twice);
    wasm_memory_delete(memory);
    wasm_instance_delete(instance);
}

/* Reads an image that may be broken. */
static bool probe(wasm_store_t *store, const wasm_byte_vec_t *image) {
    wasm_module_t *module = wasm_module_deserialize(store, image);
    if (!module) {
        CHECK(wasmx_last_error() != NULL);
        return false;
    }
    wasm_exporttype_vec_t exports;
    wasm_module_exports(module, &exports);
    wasm_exporttype_vec_delete(&exports);
    wasm_module_delete(module);
    return true;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);

    wasm_module_t *module = MODULE(store, serialize_wasm);
    wasm_byte_vec_t image;
    wasm_module_serialize(module, &image);
    CHECK(image.size > 0);
    wasm_module_delete(module);

    /* The same image twice, and from an image again. */
    module = wasm_module_deserialize(store, &image);
    CHECK(module != NULL);
    use(store, module);
    wasm_byte_vec_t again;
    wasm_module_serialize(module, &again);
    CHECK_INT(again.size, image.size);
    CHECK(memcmp(again.data, image.data, image.size) == 0);
    wasm_byte_vec_delete(&again);
    wasm_module_delete(module);

    /* Into another store of the same engine, and into another engine. */
    wasm_store_t *other = wasm_store_new(engine);
    module = wasm_module_deserialize(other, &image);
    CHECK(module != NULL);
    use(other, module);
    wasm_module_delete(module);
    wasm_store_delete(other);
    wasm_engine_t *elsewhere = wasm_engine_new();
    other = wasm_store_new(elsewhere);
    module = wasm_module_deserialize(other, &image);
    CHECK(module != NULL);
    use(other, module);
    wasm_module_delete(module);
    wasm_store_delete(other);
    wasm_engine_delete(elsewhere);

    /* Cut short at every length. */
    for (size_t size = 0; size < image.size; size++) {
        wasm_byte_vec_t cut;
        wasm_byte_vec_new(&cut, size, image.data);
        CHECK(!probe(store, &cut));
        wasm_byte_vec_delete(&cut);
    }
    /* Made longer. */
    wasm_byte_vec_t longer;
    wasm_byte_vec_new_uninitialized(&longer, image.size + 1);
    memcpy(longer.data, image.data, image.size);
    longer.data[image.size] = 0;
    CHECK(!probe(store, &longer));
    wasm_byte_vec_delete(&longer);
    /* Changed in every byte: one bit, all bits. */
    size_t refused = 0;
    for (size_t at = 0; at < image.size; at++) {
        static const unsigned char masks[] = {1, 0x80, 0xff};
        for (int i = 0; i < 3; i++) {
            wasm_byte_vec_t changed;
            wasm_byte_vec_copy(&changed, &image);
            changed.data[at] ^= masks[i];
            refused += !probe(store, &changed);
            wasm_byte_vec_delete(&changed);
        }
    }
    CHECK(refused > image.size);
    /* Something else altogether. */
    wasm_byte_vec_t plain = BYTES(serialize_wasm);
    CHECK(!probe(store, &plain));
    wasm_byte_vec_t empty = WASM_EMPTY_VEC;
    CHECK(!probe(store, &empty));
    CHECK(!probe(store, NULL));
    CHECK(wasm_module_deserialize(NULL, &image) == NULL);
    wasm_module_serialize(NULL, &again);
    CHECK_INT(again.size, 0);
    wasm_byte_vec_delete(&again);

    /* And the image is still good. */
    CHECK(probe(store, &image));
    wasm_byte_vec_delete(&image);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
