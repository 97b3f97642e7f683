/* Errors: everything that can be wrong before a guest runs, and how the host learns of it.
 *
 * A function that fails returns NULL, false or 0 and changes nothing; wasmx_last_error then has the reason, for the calling
 * thread. Only running code fails by a trap. No input makes the library crash, so a host may simply try. */
#include "example.h"

static wasm_engine_t *engine;
static wasm_store_t *store;

static void failed(const char *what) { printf("%s\n  %s\n", what, wasmx_last_error()); }

/* A module from text, NULL if that is no module. */
static wasm_module_t *parse(const char *text) {
    wasm_byte_vec_t wat = {strlen(text), (char *)text}, binary;
    if (!wasmx_wat2wasm(&wat, &binary)) return NULL;
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    return module;
}

static void bytes_that_are_no_module(void) {
    static char noise[] = {'n', 'o', ' ', 'w', 'a', 's', 'm', '!'};
    static char cut[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6};
    wasm_byte_vec_t binary = WASM_ARRAY_VEC(noise);
    if (!wasm_module_new(store, &binary)) failed("bytes that are no module");
    binary = (wasm_byte_vec_t)WASM_ARRAY_VEC(cut);
    if (!wasm_module_validate(store, &binary)) failed("a module that is cut off");
}

static void text(void) {
    /* The reason has the place, and shows it. */
    if (!parse("(module\n  (func (export \"f\") (result i32)\n    i32.cosnt 1))")) failed("text with a mistake");
    if (!parse("(module (func (export \"f\") (result i32) (i64.const 1)))")) failed("a function that returns the wrong type");
}

static void features(void) {
    wasm_config_t *config = wasm_config_new();
    wasmx_config_set_feature(config, "simd", false);
    wasmx_config_set_feature(config, "relaxed-simd", false);
    if (!wasmx_config_set_feature(config, "smid", false)) failed("a feature that does not exist");
    wasm_engine_t *small = wasm_engine_new_with_config(config);
    wasm_store_t *other = wasm_store_new(small), *kept = store;
    store = other;
    if (!parse("(module (func (export \"f\") (param v128)))")) failed("a feature that is switched off");
    store = kept;
    wasm_store_delete(other);
    wasm_engine_delete(small);
}

static wasm_trap_t *nothing(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return NULL;
}

static void imports(void) {
    wasm_module_t *module = parse("(module (import \"env\" \"log\" (func (param i32))))");
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    if (!wasm_instance_new(store, module, &none, NULL)) failed("an import that is missing");
    wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_f64());
    wasm_func_t *func = wasm_func_new(store, type, nothing);
    wasm_functype_delete(type);
    wasm_extern_t *provided[] = {wasm_func_as_extern(func)};
    wasm_extern_vec_t list = WASM_ARRAY_VEC(provided);
    if (!wasm_instance_new(store, module, &list, NULL)) failed("an import of the wrong type");
    wasm_func_delete(func);
    wasm_module_delete(module);
}

/* Instantiation runs code, so it can also trap: that is told by the last argument. */
static void start(void) {
    wasm_module_t *module = parse("(module (func $start unreachable) (start $start))");
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasm_instance_new(store, module, &none, &trap);
    if (!instance && trap) {
        printf("a start function that traps\n");
        print_trap("  ", trap);
    }
    wasm_module_delete(module);
}

static void calls(void) {
    wasm_module_t *module = parse(
        "(module (func (export \"f\") (param i32) (result i32) (local.get 0)) (global (export \"g\") i32 (i32.const 1)))");
    wasm_instance_t *instance = instantiate(store, module, 0, NULL);
    if (!wasmx_instance_export(instance, "h")) failed("an export that is not there");
    wasm_extern_t *global = wasmx_instance_export(instance, "g");
    if (!wasm_extern_as_func(global)) printf("an export that is no function\n  wasm_extern_as_func gives NULL\n");
    wasm_val_t one = WASM_I32_VAL(1);
    wasm_global_set(wasm_extern_as_global(global), &one);
    failed("a global that is constant");
    wasm_extern_delete(global);

    wasm_func_t *func = find_func(instance, "f");
    wasm_val_t argument[] = {WASM_F64_VAL(1.5)}, result[] = {WASM_INIT_VAL};
    wasm_val_vec_t none = WASM_EMPTY_VEC, arguments = WASM_ARRAY_VEC(argument), results = WASM_ARRAY_VEC(result);
    printf("a call with too few arguments\n");
    print_trap("  ", wasm_func_call(func, &none, &results));
    printf("a call with the wrong argument\n");
    print_trap("  ", wasm_func_call(func, &arguments, &results));
    argument[0] = (wasm_val_t)WASM_I32_VAL(7);
    wasm_trap_t *trap = wasm_func_call(func, &arguments, &results);
    printf("and the right one\n  %s %" PRId32 "\n", trap ? "trap" : "gives", result[0].of.i32);
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
}

int main(void) {
    engine = wasm_engine_new();
    store = wasm_store_new(engine);
    bytes_that_are_no_module();
    text();
    features();
    imports();
    start();
    calls();
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
