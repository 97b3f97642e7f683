/* The text format. */
#include "check.h"

static wasm_engine_t *engine;

static bool convert(const char *text, size_t size, wasm_byte_vec_t *out) {
    wasm_byte_vec_t wat;
    wasm_byte_vec_new(&wat, size, text);
    bool made = wasmx_wat2wasm(&wat, out);
    wasm_byte_vec_delete(&wat);
    return made;
}

/* A mistake is told with these words. */
static void check_refused(const char *text, const char *expected) {
    wasm_byte_vec_t out = {7, (char *)1};
    CHECK(!convert(text, strlen(text), &out));
    CHECK(out.size == 0 && out.data == NULL);
    CHECK(strcmp(wasmx_last_error(), expected) == 0);
}

int main(void) {
    engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);

    const char *text = "(module (func (export \"square\") (param i32) (result i32)\n"
                       "  (i32.mul (local.get 0) (local.get 0))))";
    wasm_byte_vec_t binary, again;
    CHECK(convert(text, strlen(text), &binary));
    wasm_module_t *module = wasm_module_new(store, &binary);
    CHECK(module != NULL);
    wasm_extern_vec_t imports = WASM_EMPTY_VEC;
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
    wasm_func_t *square = export_func(instance, 0);
    CHECK_INT(CALL_I32(square, i32_val(12)), 144);
    wasm_func_delete(square);
    wasm_instance_delete(instance);
    wasm_module_delete(module);

    /* What is binary already is copied. */
    CHECK(wasmx_wat2wasm(&binary, &again));
    CHECK(again.size == binary.size && memcmp(again.data, binary.data, binary.size) == 0);
    wasm_byte_vec_delete(&again);
    wasm_byte_vec_delete(&binary);

    /* No text is no module. */
    wasm_byte_vec_t nothing = WASM_EMPTY_VEC;
    CHECK(!wasmx_wat2wasm(&nothing, &binary) && binary.data == NULL);

    check_refused("(module\n  (func (result i32)\n    i32.cnst 7))\n",
                  "3:5: unknown operator or unexpected token\n"
                  " 3 |     i32.cnst 7))\n"
                  "   |     ^");
    check_refused("(module (func (call $f)))",
                  "1:21: unknown func: failed to find name `$f`\n"
                  " 1 | (module (func (call $f)))\n"
                  "   |                     ^");
    check_refused("(module",
                  "1:8: expected `)`\n"
                  " 1 | (module\n"
                  "   |        ^");
    check_refused("(module (data \"\xff\"))",
                  "1:16: malformed UTF-8 encoding\n"
                  " 1 | (module (data \"\n"
                  "   |                ^");

    /* Types are the business of validation. */
    text = "(module (func (result i32) f32.const 1))";
    CHECK(convert(text, strlen(text), &binary));
    CHECK(wasm_module_new(store, &binary) == NULL);
    wasm_byte_vec_delete(&binary);

    CHECK(!wasmx_wat2wasm(NULL, &binary) && binary.data == NULL);
    CHECK(strcmp(wasmx_last_error(), "the text is NULL") == 0);
    CHECK(!wasmx_wat2wasm(&nothing, NULL));

    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
