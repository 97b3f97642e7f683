/* Tables and callbacks: functions as values, in both directions.
 *
 * A table holds references. A guest's function pointers are indices into its table of functions, so the host can call what
 * the guest names, and put functions of its own there. References to the host's objects (externref) let a guest hold what it
 * cannot look into. */
#include "example.h"

static wasm_table_t *find_table(const wasm_instance_t *instance, const char *name) {
    wasm_extern_t *found = wasmx_instance_export(instance, name);
    wasm_table_t *table = wasm_table_copy(wasm_extern_as_table(found));
    wasm_extern_delete(found);
    if (!table) die(name);
    return table;
}

/* Calls the function at a place of the table: what a function pointer of the guest's means. */
static int32_t call_pointer(const wasm_table_t *table, uint32_t index, int32_t a, int32_t b) {
    wasm_ref_t *reference = wasm_table_get(table, index);
    wasm_func_t *func = wasm_ref_as_func(reference); /* borrowed from the reference; NULL for an empty place */
    if (!func) die("an empty place of the table");
    wasmx_raw_t values[2] = {{.i32 = a}, {.i32 = b}};
    wasm_trap_t *trap = wasmx_func_call_raw(func, values, 2);
    wasm_ref_delete(reference);
    if (trap) print_trap("  ", trap), exit(1);
    return values[0].i32;
}

/* The host's own operator for the guest's table. */
static wasm_trap_t *power(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)env;
    int32_t base = args->data[0].of.i32, power = 1;
    for (int32_t n = args->data[1].of.i32; n > 0; n--) power = (int32_t)((uint32_t)power * (uint32_t)base);
    results->data[0] = (wasm_val_t)WASM_I32_VAL(power);
    return NULL;
}

/* What the guest has asked to be called when something happens: on_event(externref, index of a function). */
typedef struct {
    uint32_t handlers[8];
    wasm_ref_t *subjects[8];
    size_t count;
} events;

static wasm_trap_t *on_event(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)results;
    events *e = env;
    if (e->count == sizeof e->handlers / sizeof *e->handlers) return NULL;
    e->subjects[e->count] = wasm_ref_copy(args->data[0].of.ref); /* the argument is only lent */
    e->handlers[e->count++] = (uint32_t)args->data[1].of.i32;
    return NULL;
}

/* What the guest holds but cannot see. */
typedef struct {
    const char *name;
    int32_t clicks;
} button;

static wasm_trap_t *click(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)env;
    button *b = args->data[0].of.ref ? wasm_ref_get_host_info(args->data[0].of.ref) : NULL;
    results->data[0] = (wasm_val_t)WASM_I32_VAL(b ? ++b->clicks : 0);
    return NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "tables.wat");

    events e = {.count = 0};
    wasm_functype_t *type = wasm_functype_new_2_0(wasm_valtype_new_externref(), wasm_valtype_new_i32());
    wasm_func_t *on_event_func = wasm_func_new_with_env(store, type, on_event, &e, NULL);
    wasm_functype_delete(type);
    type = wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_i32());
    wasm_func_t *click_func = wasm_func_new_with_env(store, type, click, NULL, NULL);
    wasm_functype_delete(type);
    wasm_extern_t *imports[] = {wasm_func_as_extern(on_event_func), wasm_func_as_extern(click_func)};
    wasm_instance_t *instance = instantiate(store, module, 2, imports);
    wasm_table_t *operators = find_table(instance, "operators");

    printf("the guest's operators\n");
    static const char *const names[] = {"add", "subtract", "multiply"};
    for (uint32_t i = 0; i < 3; i++) printf("  %s: 7, 3 -> %" PRId32 "\n", names[i], call_pointer(operators, i, 7, 3));

    printf("one of the host's\n");
    type = wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *power_func = wasm_func_new_with_env(store, type, power, NULL, NULL);
    wasm_functype_delete(type);
    if (!wasm_table_grow(operators, 1, wasm_func_as_ref(power_func))) die("growing the table");
    wasm_func_delete(power_func); /* the table holds it */
    wasmx_raw_t values[3] = {{.i32 = (int32_t)wasm_table_size(operators) - 1}, {.i32 = 7}, {.i32 = 3}};
    call(instance, "apply", values, 3);
    printf("  called by the guest: 7, 3 -> %" PRId32 "\n", values[0].i32);

    printf("calls that the table refuses\n");
    values[0].i32 = 99;
    wasm_trap_t *trap = try_call(instance, "apply", values, 3);
    if (trap) print_trap("  ", trap);
    if (!wasm_table_set(operators, 0, NULL)) die("clearing a place");
    values[0].i32 = 0;
    trap = try_call(instance, "apply", values, 3);
    if (trap) print_trap("  ", trap);

    printf("callbacks with objects of the host's\n");
    button buttons[] = {{"play", 0}, {"stop", 0}};
    for (size_t i = 0; i < 2; i++) {
        wasm_foreign_t *object = wasm_foreign_new(store);
        wasm_foreign_set_host_info(object, &buttons[i]);
        wasm_val_t argument[] = {WASM_REF_VAL(wasm_foreign_as_ref(object))};
        wasm_val_vec_t arguments = WASM_ARRAY_VEC(argument), none = WASM_EMPTY_VEC;
        wasm_func_t *watch = find_func(instance, "watch"); /* the guest registers a handler for the object */
        trap = wasm_func_call(watch, &arguments, &none);
        if (trap) print_trap("  ", trap), exit(1);
        wasm_func_delete(watch);
        wasm_foreign_delete(object); /* e.subjects holds it now */
    }
    wasm_table_t *handlers = find_table(instance, "handlers");
    if (e.count != 2) die("a handler for each");
    static const size_t user[] = {0, 1, 0, 0, 1}; /* what the user clicks on */
    for (size_t i = 0; i < sizeof user / sizeof *user; i++) {
        size_t which = user[i];
        wasm_ref_t *handler = wasm_table_get(handlers, e.handlers[which]);
        wasm_val_t argument[] = {WASM_REF_VAL(e.subjects[which])}, result[] = {WASM_INIT_VAL};
        wasm_val_vec_t arguments = WASM_ARRAY_VEC(argument), results = WASM_ARRAY_VEC(result);
        trap = wasm_func_call(wasm_ref_as_func(handler), &arguments, &results);
        wasm_ref_delete(handler);
        if (trap) print_trap("  ", trap), exit(1);
        printf("  %s: the guest's handler gives %" PRId32 "\n", buttons[which].name, result[0].of.i32);
    }
    for (size_t i = 0; i < 2; i++) printf("  %s was clicked %" PRId32 " times\n", buttons[i].name, buttons[i].clicks);

    for (size_t i = 0; i < e.count; i++) wasm_ref_delete(e.subjects[i]);
    wasm_table_delete(handlers);
    wasm_table_delete(operators);
    wasm_func_delete(click_func);
    wasm_func_delete(on_event_func);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
