/* Traps: what the host learns when a guest goes wrong, and how it goes on.
 *
 * A trap comes out of the call as an object. It knows its kind, its message, and which functions were running where, with
 * names if the module has them. A trap of the host's passes through the guest like any other. The instance can be
 * called again afterwards; what the guest had half done stays half done, so a careful host makes a new instance. */
#include "example.h"

static const char *kind_name(const wasm_trap_t *trap) {
    switch (wasmx_trap_kind(trap)) {
    case WASMX_TRAP_UNREACHABLE: return "unreachable";
    case WASMX_TRAP_MEMORY_OUT_OF_BOUNDS: return "memory out of bounds";
    case WASMX_TRAP_INTEGER_DIVIDE_BY_ZERO: return "division by zero";
    case WASMX_TRAP_STACK_OVERFLOW: return "stack overflow";
    case WASMX_TRAP_INDIRECT_CALL_TYPE_MISMATCH: return "wrong type of function";
    case WASMX_TRAP_HOST: return "made by the host";
    default: return "other";
    }
}

static void report(const char *what, wasm_trap_t *trap) {
    printf("%s\n", what);
    if (!trap) {
        printf("  no trap\n");
        return;
    }
    printf("  kind: %s\n", kind_name(trap));
    uint64_t address;
    if (wasmx_trap_fault_address(trap, &address)) printf("  address: %#" PRIx64 "\n", address);

    /* The frames, innermost first; deep recursion has many. */
    wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    for (size_t i = 0; i < frames.size; i++) {
        if (i == 3 && frames.size > 6) {
            printf("  ... and many more\n");
            break;
        }
        wasm_name_t name;
        bool named = wasmx_frame_func_name(frames.data[i], &name);
        printf("  frame: function %" PRIu32 " (%.*s)\n", wasm_frame_func_index(frames.data[i]),
               named ? (int)name.size : 7, named ? name.data : "unnamed");
        wasm_name_delete(&name);
    }
    wasm_frame_vec_delete(&frames);
    print_trap("  ", trap);
}

/* The same as text, for a log. */
static void backtrace(wasm_trap_t *trap) {
    wasm_byte_vec_t text;
    wasmx_trap_backtrace(trap, &text);
    printf("the backtrace in one piece\n%.*s", (int)text.size, text.data);
    wasm_byte_vec_delete(&text);
    wasm_trap_delete(trap);
}

static wasm_trap_t *check(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)results;
    return args->data[0].of.i32 > 100 ? new_trap(env, "more than the host allows") : NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "traps.wat");
    wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
    wasm_func_t *check_func = wasm_func_new_with_env(store, type, check, store, NULL);
    wasm_functype_delete(type);
    wasm_extern_t *import = wasm_func_as_extern(check_func);
    wasm_instance_t *instance = instantiate(store, module, 1, &import);

    wasmx_raw_t values[2] = {{.i32 = 10}, {.i32 = 0}};
    report("10 divided among 0", try_call(instance, "average", values, 2));
    values[0].i32 = 0x20000;
    report("an address that is not there", try_call(instance, "load", values, 1));
    report("a failed assertion", try_call(instance, "assert", NULL, 0));
    report("recursion without end", try_call(instance, "recurse", NULL, 0));
    values[0].i32 = 101;
    report("something the host forbids", try_call(instance, "ask", values, 1));
    values[0].i32 = 99;
    report("something it allows", try_call(instance, "ask", values, 1));
    values[0].i32 = 10, values[1].i32 = 0;
    backtrace(try_call(instance, "average", values, 2));
    values[0].i32 = 10, values[1].i32 = 4;
    call(instance, "average", values, 2);
    printf("and as if nothing had happened: %" PRId32 "\n", values[0].i32);

    wasm_func_delete(check_func);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
