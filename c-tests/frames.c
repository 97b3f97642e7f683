/* Backtraces: which functions, innermost first, and where in them. Offsets point at the instruction that trapped or
 * called: from the start of the module, and from the start of the function's body (its local declarations). */
#include "check.h"

enum { RELAY, INNER, MIDDLE, OUTER, DIRECT };

static wasm_trap_t *relay(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return host_trap(env, "relayed");
}

static void check_frame(const wasm_frame_t *frame, const wasm_instance_t *instance, uint32_t func, unsigned char opcode) {
    /* How the bodies begin: `inner` declares one i64 and one f32, the others nothing. */
    static const unsigned char inner_locals[] = {2, 1, 0x7e, 1, 0x7d}, no_locals[] = {0};
    CHECK_INT(wasm_frame_func_index(frame), func);
    CHECK(wasm_instance_same(wasm_frame_instance(frame), instance));
    size_t at = wasm_frame_module_offset(frame), into = wasm_frame_func_offset(frame);
    CHECK(at < sizeof frames_wasm);
    CHECK(into > 0 && into < at);
    CHECK_INT(frames_wasm[at], opcode);
    const unsigned char *body = frames_wasm + at - into;
    CHECK(func == INNER ? memcmp(body, inner_locals, sizeof inner_locals) == 0 : body[0] == no_locals[0]);
    CHECK(body[-1] > into); /* the body's size in bytes, which is small here */
}

static void check_trace(wasm_trap_t *trap, const wasm_instance_t *instance, size_t count, const uint32_t funcs[],
                        const unsigned char opcodes[]) {
    CHECK(trap != NULL);
    wasm_frame_vec_t trace, copy;
    wasm_trap_trace(trap, &trace);
    CHECK_INT(trace.size, count);
    wasm_frame_vec_copy(&copy, &trace);
    for (size_t i = 0; i < count; i++) {
        check_frame(trace.data[i], instance, funcs[i], opcodes[i]);
        check_frame(copy.data[i], instance, funcs[i], opcodes[i]);
    }
    wasm_frame_t *origin = wasm_trap_origin(trap);
    CHECK(origin != NULL);
    check_frame(origin, instance, funcs[0], opcodes[0]);
    wasm_frame_t *second = wasm_frame_copy(origin);
    wasm_frame_delete(origin);
    wasm_trap_delete(trap);
    wasm_frame_vec_delete(&trace);
    check_frame(second, instance, funcs[0], opcodes[0]);
    wasm_frame_delete(second);
    wasm_frame_vec_delete(&copy);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_func_t *callback = host_closure(store, wasm_functype_new_0_0(), relay, store, NULL);
    wasm_instance_t *instance = INSTANCE(store, frames_wasm, wasm_func_as_extern(callback));
    wasm_instance_t *decoy = INSTANCE(store, frames_wasm, wasm_func_as_extern(callback));
    wasm_func_t *outer = export_func(instance, 0), *direct = export_func(instance, 1);

    enum { UNREACHABLE_OP = 0x00, CALL_OP = 0x10, CALL_INDIRECT_OP = 0x11 };
    for (int round = 0; round < 2; round++) {
        check_trace(CALL_TRAP(outer, 0, i32_val(1)), instance, 3, (uint32_t[]){INNER, MIDDLE, OUTER},
                    (unsigned char[]){UNREACHABLE_OP, CALL_OP, CALL_INDIRECT_OP});
        check_trace(CALL_TRAP_0(direct, 0), instance, 3, (uint32_t[]){INNER, MIDDLE, DIRECT},
                    (unsigned char[]){UNREACHABLE_OP, CALL_OP, CALL_OP});
        /* A trap of the host's shows the guest's frames that called it. */
        wasm_trap_t *trap = CALL_TRAP(outer, 0, i32_val(0));
        CHECK(trap_says(trap, "relayed"));
        check_trace(trap, instance, 3, (uint32_t[]){INNER, MIDDLE, OUTER},
                    (unsigned char[]){CALL_OP, CALL_OP, CALL_INDIRECT_OP});
    }

    wasm_func_delete(outer);
    wasm_func_delete(direct);
    wasm_func_delete(callback);
    wasm_instance_delete(instance);
    wasm_instance_delete(decoy);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
