/* Reflection: what a module wants and offers, before anything of it runs.
 *
 * Prints the imports and exports of a module with their types, the way a host looks whether it can serve a guest. Takes the
 * path of a module, binary or text. */
#include "example.h"

static void print_name(const wasm_name_t *name) { printf("%.*s", (int)name->size, name->data); }

static const char *heap_name(wasmx_heapkind_t heap) {
    switch (heap) {
    case WASMX_HEAP_FUNC: return "func";
    case WASMX_HEAP_EXTERN: return "extern";
    case WASMX_HEAP_ANY: return "any";
    case WASMX_HEAP_EQ: return "eq";
    case WASMX_HEAP_I31: return "i31";
    case WASMX_HEAP_STRUCT: return "struct";
    case WASMX_HEAP_ARRAY: return "array";
    case WASMX_HEAP_EXN: return "exn";
    case WASMX_HEAP_DEFINED: return "a type of the module";
    default: return "nothing";
    }
}

static void print_valtype(const wasm_valtype_t *type) {
    switch (wasm_valtype_kind(type)) {
    case WASM_I32: printf("i32"); break;
    case WASM_I64: printf("i64"); break;
    case WASM_F32: printf("f32"); break;
    case WASM_F64: printf("f64"); break;
    case WASMX_V128: printf("v128"); break;
    default:
        printf("(ref %s%s)", wasmx_valtype_is_nullable(type) ? "null " : "", heap_name(wasmx_valtype_heap(type)));
    }
}

static void print_valtypes(const wasm_valtype_vec_t *types) {
    printf("(");
    for (size_t i = 0; i < types->size; i++) {
        if (i > 0) printf(", ");
        print_valtype(types->data[i]);
    }
    printf(")");
}

static void print_functype(const wasm_functype_t *type) {
    print_valtypes(wasm_functype_params(type));
    printf(" -> ");
    print_valtypes(wasm_functype_results(type));
}

static void print_externtype(const wasm_externtype_t *type) {
    uint64_t maximum;
    switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC:
        printf("func ");
        print_functype(wasm_externtype_as_functype_const(type));
        break;
    case WASM_EXTERN_GLOBAL: {
        const wasm_globaltype_t *global = wasm_externtype_as_globaltype_const(type);
        printf("global %s", wasm_globaltype_mutability(global) == WASM_VAR ? "mut " : "");
        print_valtype(wasm_globaltype_content(global));
        break;
    }
    case WASM_EXTERN_TABLE: {
        const wasm_tabletype_t *table = wasm_externtype_as_tabletype_const(type);
        printf("table of ");
        print_valtype(wasm_tabletype_element(table));
        printf(", %" PRIu64, wasmx_tabletype_minimum(table));
        if (wasmx_tabletype_maximum(table, &maximum)) printf(" to %" PRIu64, maximum);
        break;
    }
    case WASM_EXTERN_MEMORY: {
        const wasm_memorytype_t *memory = wasm_externtype_as_memorytype_const(type);
        printf("memory%s%s, %" PRIu64, wasmx_memorytype_is64(memory) ? " of 64 bits" : "",
               wasmx_memorytype_is_shared(memory) ? ", shared" : "", wasmx_memorytype_minimum(memory));
        if (wasmx_memorytype_maximum(memory, &maximum)) printf(" to %" PRIu64, maximum);
        printf(" pages");
        break;
    }
    case WASM_EXTERN_TAG:
        printf("tag ");
        print_valtypes(wasm_functype_params(wasm_tagtype_functype(wasm_externtype_as_tagtype_const(type))));
        break;
    }
    printf("\n");
}

int main(int argc, char **argv) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_byte_vec_t file = read_file(argc > 1 ? argv[1] : "examples-c/guests/reflect.wat"), binary;
    if (!wasmx_wat2wasm(&file, &binary)) die("the text");
    wasm_byte_vec_delete(&file);
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    if (!module) die("the module");

    wasm_importtype_vec_t imports;
    wasm_module_imports(module, &imports);
    printf("imports\n");
    for (size_t i = 0; i < imports.size; i++) {
        printf("  ");
        print_name(wasm_importtype_module(imports.data[i]));
        printf(".");
        print_name(wasm_importtype_name(imports.data[i]));
        printf(": ");
        print_externtype(wasm_importtype_type(imports.data[i]));
    }
    wasm_importtype_vec_delete(&imports);

    wasm_exporttype_vec_t exports;
    wasm_module_exports(module, &exports);
    printf("exports\n");
    for (size_t i = 0; i < exports.size; i++) {
        printf("  ");
        print_name(wasm_exporttype_name(exports.data[i]));
        printf(": ");
        print_externtype(wasm_exporttype_type(exports.data[i]));
    }
    wasm_exporttype_vec_delete(&exports);

    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
