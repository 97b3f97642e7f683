/* The host: a small spreadsheet whose formulas are evaluated by a WebAssembly program.
 *
 * Shows the whole way through the C API: load a module, see what it asks for, give it host functions, call it, share its
 * memory, and survive a guest that goes wrong. Build and run it with `sh examples-c/run.sh`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm.h"
#include "wasmx.h"

/* What the guest may look at. */
static const struct {
    const char *name;
    double value;
} cells[] = {{"price", 19.99}, {"amount", 12}, {"tax", 0.19}, {"pi", 3.14159265358979}, {"x", 3}, {"y", 4}};

typedef struct {
    wasm_store_t *store;
    wasm_memory_t *memory; /* of the guest, known once it is instantiated */
    bool failed;           /* the guest reported an error */
} sheet;

static void die(const char *what) {
    const char *why = wasmx_last_error();
    fprintf(stderr, "%s: %s\n", what, why ? why : "no reason known");
    exit(1);
}

static wasm_trap_t *trap(wasm_store_t *store, const char *text) {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, text);
    wasm_trap_t *made = wasm_trap_new(store, &message);
    wasm_byte_vec_delete(&message);
    return made;
}

/* A range of guest memory as the host sees it, or NULL where the guest has none. Never trust a pointer from a guest. */
static char *guest_bytes(const sheet *s, int32_t pointer, int32_t size) {
    uint64_t end = (uint64_t)(uint32_t)pointer + (uint32_t)size;
    return end <= wasm_memory_data_size(s->memory) ? wasm_memory_data(s->memory) + (uint32_t)pointer : NULL;
}

/* sheet.cell: (name, length, found*) -> value */
static wasm_trap_t *look_up_cell(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    sheet *s = env;
    int32_t length = args->data[1].of.i32;
    const char *name = guest_bytes(s, args->data[0].of.i32, length);
    char *found = guest_bytes(s, args->data[2].of.i32, sizeof(int32_t));
    if (!name || !found) return trap(s->store, "the guest passed a bad pointer");
    results->data[0] = (wasm_val_t)WASM_F64_VAL(0);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        if (strlen(cells[i].name) == (size_t)length && memcmp(cells[i].name, name, length) == 0) {
            results->data[0].of.f64 = cells[i].value;
            *found = 1;
        }
    }
    return NULL;
}

/* sheet.error: (message, length, position) */
static wasm_trap_t *report_error(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)results;
    sheet *s = env;
    int32_t length = args->data[1].of.i32;
    const char *message = guest_bytes(s, args->data[0].of.i32, length);
    if (!message) return trap(s->store, "the guest passed a bad pointer");
    s->failed = true;
    printf("    error at %" PRId32 ": %.*s\n", args->data[2].of.i32, (int)length, message);
    return NULL;
}

static wasm_byte_vec_t read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    wasm_byte_vec_t bytes;
    wasm_byte_vec_new_uninitialized(&bytes, (size_t)ftell(file));
    rewind(file);
    if (fread(bytes.data, 1, bytes.size, file) != bytes.size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    return bytes;
}

/* The host function for an import, by its name. */
static wasm_func_t *provide(sheet *s, const wasm_importtype_t *import) {
    const wasm_name_t *name = wasm_importtype_name(import);
    const wasm_functype_t *type = wasm_externtype_as_functype_const(wasm_importtype_type(import));
    printf("  asks for %.*s.%.*s\n", (int)wasm_importtype_module(import)->size, wasm_importtype_module(import)->data,
           (int)name->size, name->data);
    if (type && name->size == 4 && memcmp(name->data, "cell", 4) == 0)
        return wasm_func_new_with_env(s->store, type, look_up_cell, s, NULL);
    if (type && name->size == 5 && memcmp(name->data, "error", 5) == 0)
        return wasm_func_new_with_env(s->store, type, report_error, s, NULL);
    fprintf(stderr, "nothing known by that name\n");
    exit(1);
}

/* The place of an export among the instance's exports. */
static size_t export_index(const wasm_exporttype_vec_t *exports, const char *name) {
    for (size_t i = 0; i < exports->size; i++) {
        const wasm_name_t *found = wasm_exporttype_name(exports->data[i]);
        if (found->size == strlen(name) && memcmp(found->data, name, found->size) == 0) return i;
    }
    fprintf(stderr, "the guest exports no %s\n", name);
    exit(1);
}

static void print_trap(const wasm_trap_t *t) {
    wasm_message_t message;
    wasm_trap_message(t, &message);
    printf("    trap: %s\n", message.data);
    wasm_byte_vec_delete(&message);
    wasm_frame_vec_t trace;
    wasm_trap_trace(t, &trace);
    printf("    with %zu guest frames on the stack\n", trace.size);
    wasm_frame_vec_delete(&trace);
}

int main(int argc, char **argv) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    sheet s = {store, NULL, false};

    const char *path = argc > 1 ? argv[1] : "examples-c/formula.wasm";
    wasm_byte_vec_t binary = read_file(path);
    printf("loading a program of %zu bytes\n", binary.size);
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    if (!module) die("the module was refused");

    wasm_importtype_vec_t asked;
    wasm_exporttype_vec_t offered;
    wasm_module_imports(module, &asked);
    wasm_module_exports(module, &offered);
    wasm_extern_vec_t imports, exports;
    wasm_extern_vec_new_uninitialized(&imports, asked.size);
    for (size_t i = 0; i < asked.size; i++) imports.data[i] = wasm_func_as_extern(provide(&s, asked.data[i]));
    wasm_trap_t *failure = NULL;
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, &failure);
    if (!instance) die("the module could not be instantiated");
    wasm_instance_exports(instance, &exports);

    s.memory = wasm_extern_as_memory(exports.data[export_index(&offered, "memory")]);
    const wasm_func_t *buffer = wasm_extern_as_func(exports.data[export_index(&offered, "formula_buffer")]);
    const wasm_func_t *evaluate = wasm_extern_as_func(exports.data[export_index(&offered, "evaluate")]);
    const wasm_func_t *average_of = wasm_extern_as_func(exports.data[export_index(&offered, "average_of")]);
    if (!s.memory || !buffer || !evaluate || !average_of) die("the guest is not what it should be");

    wasm_val_t result[1] = {WASM_INIT_VAL};
    wasm_val_vec_t none = WASM_EMPTY_VEC, results = WASM_ARRAY_VEC(result);
    if ((failure = wasm_func_call(buffer, &none, &results)) != NULL) print_trap(failure), exit(1);
    int32_t address = result[0].of.i32;

    static const char *const formulas[] = {
        "1 + 2 * 3",
        "price * amount * (1 + tax)",
        "sqrt(x^2 + y^2)",
        "-(x - y) ^ 3 / 2",
        "mean(1, 2, 3, 4) + max(x, y, pi) - min(x, y, pi)",
        "2 * (price + ",
        "price * colour",
    };
    printf("evaluating\n");
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++) {
        int32_t length = (int32_t)strlen(formulas[i]);
        char *room = guest_bytes(&s, address, length);
        if (!room) die("the guest's buffer is not in its memory");
        memcpy(room, formulas[i], (size_t)length);
        wasm_val_t argument[1] = {WASM_I32_VAL(length)};
        wasm_val_vec_t arguments = WASM_ARRAY_VEC(argument);
        printf("  %s\n", formulas[i]);
        s.failed = false;
        failure = wasm_func_call(evaluate, &arguments, &results);
        if (failure) {
            print_trap(failure);
            wasm_trap_delete(failure);
        } else if (!s.failed) {
            printf("    = %.6g\n", result[0].of.f64);
        }
    }

    printf("dividing 10 among 0\n");
    wasm_val_t argument[2] = {WASM_I32_VAL(10), WASM_I32_VAL(0)};
    wasm_val_vec_t arguments = WASM_ARRAY_VEC(argument);
    failure = wasm_func_call(average_of, &arguments, &results);
    if (failure) {
        print_trap(failure);
        wasm_trap_delete(failure);
    }
    argument[1].of.i32 = 4;
    if ((failure = wasm_func_call(average_of, &arguments, &results)) != NULL) print_trap(failure), exit(1);
    printf("and among 4, as if nothing had happened: %" PRId32 "\n", result[0].of.i32);

    wasm_extern_vec_delete(&imports);
    wasm_extern_vec_delete(&exports);
    wasm_importtype_vec_delete(&asked);
    wasm_exporttype_vec_delete(&offered);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
