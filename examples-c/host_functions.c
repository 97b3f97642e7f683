/* Host functions: the ways in which the host can serve a guest.
 *
 * - wasm_func_new: a plain function, values in and out as wasm_val_t.
 * - wasm_func_new_with_env: the same with a pointer to data of the host's, and a finalizer for it.
 * - wasmx_func_new_raw: values as they are, without conversion, and a caller, through which the function finds the memory
 *   of whoever calls; it need not know the instance beforehand.
 * - Any of them can return a trap, which stops the guest and comes out of the host's call. */
#include "example.h"

/* divmod: (a, b) -> (quotient, remainder), or a trap. Plain, with two results. */
static wasm_trap_t *divmod(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    wasm_store_t *store = env;
    int32_t a = args->data[0].of.i32, b = args->data[1].of.i32;
    if (b == 0 || (a == INT32_MIN && b == -1)) return new_trap(store, "divmod: no such quotient");
    results->data[0] = (wasm_val_t)WASM_I32_VAL(a / b);
    results->data[1] = (wasm_val_t)WASM_I32_VAL(a % b);
    return NULL;
}

/* count: () -> how often it was called. Keeps its state behind `env`. */
static wasm_trap_t *count(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args;
    results->data[0] = (wasm_val_t)WASM_I64_VAL(++*(int64_t *)env);
    return NULL;
}

/* Runs when nothing can call `count` any more: here when the store goes. */
static void forget(void *env) {
    printf("  the counter is released at %" PRId64 "\n", *(int64_t *)env);
    free(env);
}

/* print: (pointer, length). Raw, reads the memory of the instance that calls. */
static wasm_trap_t *print(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)env, (void)capacity;
    wasm_memory_t *memory = wasmx_caller_memory(caller, NULL);
    uint32_t pointer = (uint32_t)values[0].i32, length = (uint32_t)values[1].i32;
    const char *text = memory ? guest_bytes(memory, pointer, length) : NULL;
    if (!text) return new_trap(wasmx_caller_store(caller), "print: not in the guest's memory");
    printf("  the guest says: %.*s\n", (int)length, text);
    return NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "host_functions.wat");

    /* Type objects go over into the function type; the function only reads that. */
    wasm_functype_t *type = wasm_functype_new_2_2(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32(),
                                                  wasm_valtype_new_i32());
    wasm_func_t *divmod_func = wasm_func_new_with_env(store, type, divmod, store, NULL);
    wasm_functype_delete(type);

    int64_t *counter = calloc(1, sizeof *counter);
    type = wasm_functype_new_0_1(wasm_valtype_new_i64());
    wasm_func_t *count_func = wasm_func_new_with_env(store, type, count, counter, forget);
    wasm_functype_delete(type);

    type = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *print_func = wasmx_func_new_raw(store, type, print, NULL, NULL);
    wasm_functype_delete(type);

    wasm_extern_t *imports[] = {wasm_func_as_extern(divmod_func), wasm_func_as_extern(count_func),
                                wasm_func_as_extern(print_func)};
    wasm_instance_t *instance = instantiate(store, module, 3, imports);
    /* The instance keeps what it imports alive. */
    wasm_func_delete(divmod_func);
    wasm_func_delete(count_func);
    wasm_func_delete(print_func);

    printf("the greatest common divisor by remainders\n");
    wasmx_raw_t values[2] = {{.i32 = 1071}, {.i32 = 462}};
    call(instance, "gcd", values, 2);
    printf("  gcd(1071, 462) = %" PRId32 "\n", values[0].i32);
    call(instance, "steps", values, 1);
    printf("  in %" PRId64 " steps\n", values[0].i64);

    printf("a string in the guest's memory\n");
    call(instance, "speak", NULL, 0);

    printf("a pointer that is wrong\n");
    values[0].i32 = -8;
    wasm_trap_t *trap = try_call(instance, "speak_at", values, 1);
    if (trap) print_trap("  ", trap);

    printf("a trap of the host's\n");
    values[0].i32 = 1, values[1].i32 = 0;
    trap = try_call(instance, "divide", values, 2);
    if (trap) print_trap("  ", trap);

    printf("and a good call after it\n");
    wasm_val_t argument[] = {WASM_I32_VAL(17), WASM_I32_VAL(5)}, result[] = {WASM_INIT_VAL};
    wasm_val_vec_t arguments = WASM_ARRAY_VEC(argument), results = WASM_ARRAY_VEC(result);
    wasm_func_t *divide = find_func(instance, "divide");
    trap = wasm_func_call(divide, &arguments, &results); /* as wasm.h does it, with values that know their types */
    if (trap) print_trap("  ", trap);
    printf("  17 / 5 = %" PRId32 "\n", result[0].of.i32);
    wasm_func_delete(divide);

    printf("the end\n");
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
