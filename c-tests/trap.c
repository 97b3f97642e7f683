/* Traps: each cause has its message, a trap of the host's own passes through guest frames unchanged, and the store works
 * on after every one of them. */
#include "check.h"

static wasm_trap_t *kept;

static wasm_trap_t *fail(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    wasm_trap_t *trap = host_trap(env, "the host says no");
    wasm_trap_set_host_info(trap, &kept);
    kept = wasm_trap_copy(trap);
    CHECK(wasm_trap_same(kept, trap));
    return trap;
}

static void message_rules(wasm_store_t *store) {
    wasm_trap_t *trap = host_trap(store, "");
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    CHECK(name_is(&message, "", 1));
    wasm_byte_vec_delete(&message);
    wasm_frame_t *origin = wasm_trap_origin(trap);
    CHECK(origin == NULL);
    wasm_frame_vec_t trace;
    wasm_trap_trace(trap, &trace);
    CHECK_INT(trace.size, 0);
    wasm_frame_vec_delete(&trace);
    wasm_trap_delete(trap);

    /* Non-ASCII survives; so does a message whose maker forgot the final NUL. */
    CHECK_TRAP(host_trap(store, "zw\xc3\xb6lf"), "zw\xc3\xb6lf");
    wasm_name_new_from_string(&message, "unterminated");
    trap = wasm_trap_new(store, &message);
    CHECK(trap != NULL);
    CHECK_INT(message.size, 12); /* still the caller's */
    wasm_byte_vec_delete(&message);
    wasm_trap_message(trap, &message);
    CHECK(name_is(&message, "unterminated", 13));
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    message_rules(store);

    wasm_func_t *callback = host_closure(store, wasm_functype_new_0_1(wasm_valtype_new_i32()), fail, store, NULL);
    wasm_instance_t *instance = INSTANCE(store, trap_wasm, wasm_func_as_extern(callback));
    enum { FAIL, UNREACHABLE, DIV, REM64, TRUNC, LOAD, STORE, INIT, TABLE_GET, INDIRECT, FOREVER, COUNT };
    wasm_func_t *f[COUNT];
    for (int i = 0; i < COUNT; i++) f[i] = export_func(instance, i);

    for (int round = 0; round < 3; round++) {
        /* The host's own, through a guest and directly. */
        wasm_func_t *doors[] = {f[FAIL], callback};
        for (int i = 0; i < 2; i++) {
            wasm_trap_t *trap = CALL_TRAP_0(doors[i], 1);
            CHECK(trap != NULL);
            CHECK(wasm_trap_same(trap, kept));
            CHECK(wasm_trap_get_host_info(trap) == &kept);
            CHECK(trap_says(trap, "the host says no"));
            wasm_trap_delete(trap);
            wasm_trap_delete(kept);
        }
        CHECK_TRAP(CALL_TRAP_0(f[UNREACHABLE], 0), "unreachable");
        CHECK_TRAP(CALL_TRAP(f[DIV], 1, i32_val(1), i32_val(0)), "integer divide by zero");
        CHECK_TRAP(CALL_TRAP(f[DIV], 1, i32_val(INT32_MIN), i32_val(-1)), "integer overflow");
        CHECK_TRAP(CALL_TRAP(f[REM64], 1, i64_val(1), i64_val(0)), "integer divide by zero");
        CHECK_TRAP(CALL_TRAP(f[TRUNC], 1, f64_val(2147483648.0)), "integer overflow");
        CHECK_TRAP(CALL_TRAP(f[TRUNC], 1, f64_val(__builtin_nan(""))), "invalid conversion to integer");
        CHECK_TRAP(CALL_TRAP(f[LOAD], 1, i32_val(65533)), "out of bounds memory access");
        CHECK_TRAP(CALL_TRAP(f[LOAD], 1, i32_val(-1)), "out of bounds memory access");
        CHECK_TRAP(CALL_TRAP(f[STORE], 0, i32_val(65536 - 15)), "out of bounds memory access");
        CHECK_TRAP(CALL_TRAP(f[STORE], 0, i32_val(-8)), "out of bounds memory access");
        CHECK_TRAP(CALL_TRAP(f[INIT], 0, i32_val(0), i32_val(1), i32_val(3)), "out of bounds memory access");
        CHECK_TRAP(CALL_TRAP(f[INIT], 0, i32_val(65535), i32_val(0), i32_val(3)), "out of bounds memory access");
        CHECK_TRAP(CALL_TRAP(f[TABLE_GET], 0, i32_val(4)), "out of bounds table access");
        CHECK_TRAP(CALL_TRAP(f[INDIRECT], 1, i32_val(4)), "undefined element");
        CHECK_TRAP(CALL_TRAP(f[INDIRECT], 1, i32_val(-1)), "undefined element");
        CHECK_TRAP(CALL_TRAP(f[INDIRECT], 1, i32_val(3)), "uninitialized element");
        CHECK_TRAP(CALL_TRAP(f[INDIRECT], 1, i32_val(1)), "indirect call type mismatch");
        CHECK_TRAP(CALL_TRAP(f[FOREVER], 1, i32_val(0)), "call stack exhausted");

        /* The last that works, beside the first that does not. */
        CHECK_INT(CALL_I32(f[DIV], i32_val(INT32_MIN), i32_val(1)), INT32_MIN);
        CHECK_INT(CALL_I64(f[REM64], i64_val(-1), i64_val(10)), (int64_t)(UINT64_MAX % 10));
        CHECK_INT(CALL_I32(f[TRUNC], f64_val(2147483647.9)), INT32_MAX);
        CHECK_INT(CALL_I32(f[TRUNC], f64_val(-2147483648.9)), INT32_MIN);
        CALL_VOID(f[STORE], i32_val(65536 - 16));
        CHECK_INT(CALL_I32(f[LOAD], i32_val(65532)), -1);
        CALL_VOID(f[INIT], i32_val(65533), i32_val(0), i32_val(3));
        CALL_VOID(f[STORE], i32_val(65536 - 16));
        CALL_VOID(f[TABLE_GET], i32_val(3));
        CHECK_INT(CALL_I32(f[INDIRECT], i32_val(0)), 7);
    }

    /* A trap of another store comes out as a new one of the guest's store, with its frames; the other keeps nothing of them. */
    wasm_store_t *stranger = wasm_store_new(engine);
    wasm_func_t *strange = host_closure(store, wasm_functype_new_0_1(wasm_valtype_new_i32()), fail, stranger, NULL);
    wasm_instance_t *other = INSTANCE(store, trap_wasm, wasm_func_as_extern(strange));
    wasm_func_t *through = export_func(other, FAIL), *doors[] = {through, strange};
    for (int i = 0; i < 2; i++) {
        wasm_trap_t *trap = CALL_TRAP_0(doors[i], 1);
        CHECK(trap_says(trap, "the host says no") && !wasm_trap_same(trap, kept));
        wasm_frame_t *origin = wasm_trap_origin(trap);
        CHECK((origin != NULL) == (i == 0));
        if (origin) CHECK(wasm_instance_same(wasm_frame_instance(origin), other));
        wasm_frame_delete(origin);
        wasm_trap_delete(trap);
        CHECK(wasm_trap_origin(kept) == NULL);
        wasm_trap_delete(kept);
    }
    wasm_func_delete(through);
    wasm_func_delete(strange);
    wasm_instance_delete(other);
    wasm_store_delete(stranger);

    /* A trap outlives what it came from. */
    wasm_trap_t *survivor = CALL_TRAP_0(f[UNREACHABLE], 0);
    for (int i = 0; i < COUNT; i++) wasm_func_delete(f[i]);
    wasm_func_delete(callback);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_TRAP(survivor, "unreachable");
    return done();
}
