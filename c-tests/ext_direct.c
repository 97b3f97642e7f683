/* Calls between the host and functions that are machine code from the start, which take the shortest ways: values of all kinds of
 * numbers, traps, exceptions and tail calls across, calls within calls, and hosts that give everything up meanwhile. The same in
 * the interpreter. */
#include "check.h"

enum { MIX, SWAP, MANY, EIGHT, DIVIDE, THROUGH, TAIL_HOST, TAIL_TABLE, THROW, CATCH, DEEP, NOTHING, FOUR, OFTEN, COUNT };

static wasm_engine_t *engine;
static wasm_store_t *store;
static wasm_instance_t *instance;
static wasm_func_t *f[COUNT];

/* What `host` does, by its argument. */
enum { PLAIN, TRAPS, CALLS, THROWS, NESTS, RELEASES, DIVIDES };
static int depth;

static void release_all(void) {
    for (int i = 0; i < COUNT; i++) wasm_func_delete(f[i]), f[i] = NULL;
    wasm_instance_delete(instance), instance = NULL;
    wasm_store_delete(store), store = NULL;
}

static int32_t through(int32_t x, int32_t host) {
    int32_t a = x + 1, b = a * 3, c = b ^ 5, d = c + 7;
    return host + a * b - (d + c * host);
}

static wasm_trap_t *host(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    int32_t x = args->data[0].of.i32;
    results->data[0] = i32_val(x + 40);
    switch (x) {
    case TRAPS: return host_trap(store, "as the host pleases");
    case CALLS: results->data[0] = i32_val(CALL_I32(f[DIVIDE], i32_val(-84), i32_val(-2))); break;
    case THROWS: return CALL_TRAP(f[THROW], 0, i32_val(77));
    case NESTS:
        if (depth++ < 5) results->data[0] = i32_val(CALL_I32(f[THROUGH], i32_val(NESTS)));
        depth--;
        break;
    case RELEASES: release_all(); break;
    case DIVIDES: return CALL_TRAP(f[DIVIDE], 1, i32_val(1), i32_val(0));
    }
    return NULL;
}

static wasm_trap_t *four(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->data[0].of.i32, -1);
    CHECK_INT(args->data[1].of.i64, INT64_MIN);
    CHECK(args->data[2].of.f32 == 0.5f);
    results->data[0] = f64_val(args->data[3].of.f64 * 2);
    results->data[1] = i32_val(-9);
    return NULL;
}

static void make(void) {
    store = wasm_store_new(engine);
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *callback = host_func(store, type, host);
    wasm_valtype_t *params[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(),
                                wasm_valtype_new_f64()};
    wasm_valtype_t *results[] = {wasm_valtype_new_f64(), wasm_valtype_new_i32()};
    wasm_valtype_vec_t param_vec, result_vec;
    wasm_valtype_vec_new(&param_vec, 4, params), wasm_valtype_vec_new(&result_vec, 2, results);
    wasm_func_t *callback4 = host_func(store, wasm_functype_new(&param_vec, &result_vec), four);
    instance = INSTANCE(store, ext_direct_wasm, wasm_func_as_extern(callback), wasm_func_as_extern(callback4));
    wasm_func_delete(callback), wasm_func_delete(callback4);
    for (int i = 0; i < COUNT; i++) f[i] = export_func(instance, (size_t)i);
}

static void values(void) {
    wasm_val_t mixed = CALL_ONE(f[MIX], WASM_F64, i32_val(-1), i64_val(1LL << 40), f32_val(0.5f), f64_val(0.25));
    CHECK(mixed.of.f64 == (double)(1LL << 40) - 0.25);

    /* Results may take the place of arguments. More results than there are stay as they are. */
    wasm_val_t vals[4] = {i64_val(INT64_MIN), i32_val(-5), f32_val(1.5f), i32_val(11)};
    wasm_val_vec_t in = {3, vals}, out = {4, vals};
    CHECK(!wasm_func_call(f[SWAP], &in, &out));
    CHECK(vals[0].kind == WASM_F32 && vals[0].of.f32 == 1.5f);
    CHECK(vals[1].kind == WASM_I32 && vals[1].of.i32 == -5);
    CHECK(vals[2].kind == WASM_I64 && vals[2].of.i64 == INT64_MIN);
    CHECK(vals[3].kind == WASM_I32 && vals[3].of.i32 == 11);

    wasmx_raw_t raw[4] = {{.i64 = -7}, {.i32 = 8}, {.f32 = 2.5f}, {.i64 = 99}};
    CHECK(!wasmx_func_call_raw(f[SWAP], raw, 3));
    CHECK(raw[0].f32 == 2.5f && raw[1].i32 == 8 && raw[2].i64 == -7 && raw[3].i64 == 99);
    CHECK_TRAP(wasmx_func_call_raw(f[SWAP], raw, 2), "not enough room");
    CHECK_TRAP(wasmx_func_call_raw(f[SWAP], NULL, 3), "NULL");

    CHECK_INT(CALL_I64(f[MANY], i64_val(3), i64_val(1), i64_val(1), i64_val(1), i64_val(1), i64_val(1), i64_val(5),
                       i64_val(6), i64_val(100)), 79);
    CHECK_INT(CALL_I64(f[EIGHT], i64_val(3), i64_val(1), i64_val(1), i64_val(1), i64_val(5), i64_val(6), i64_val(100)), 79);
    wasmx_raw_t many[9] = {{.i64 = 3}, {.i64 = 1}, {.i64 = 1}, {.i64 = 1}, {.i64 = 1}, {.i64 = 1}, {.i64 = 5}, {.i64 = 6},
                           {.i64 = 100}};
    CHECK(!wasmx_func_call_raw(f[MANY], many, 9));
    CHECK_INT(many[0].i64, 79);

    CALL_0(f[NOTHING]);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    CHECK(!wasm_func_call(f[NOTHING], &none, NULL) && !wasm_func_call(f[NOTHING], NULL, &none));
    CHECK(!wasmx_func_call_raw(f[NOTHING], NULL, 0));

    /* What does not fit. */
    CHECK_TRAP(CALL_TRAP(f[DIVIDE], 1, i32_val(1)), "number of arguments");
    CHECK_TRAP(CALL_TRAP(f[DIVIDE], 1, i32_val(1), i64_val(1)), "argument 1");
    CHECK_TRAP(CALL_TRAP(f[DIVIDE], 0, i32_val(1), i32_val(1)), "not enough room");
    wasm_val_vec_t bad = {2, NULL};
    CHECK_TRAP(wasm_func_call(f[DIVIDE], &bad, &out), "NULL");
    in = (wasm_val_vec_t){2, (wasm_val_t[]){i32_val(1), i32_val(1)}}, bad.size = 1;
    CHECK_TRAP(wasm_func_call(f[DIVIDE], &in, &bad), "NULL");

    wasm_val_t two[2] = {WASM_INIT_VAL, WASM_INIT_VAL};
    CHECK(!call(f[FOUR], 4, (wasm_val_t[]){i32_val(-1), i64_val(INT64_MIN), f32_val(0.5f), f64_val(3)}, 2, two));
    CHECK(two[0].of.f64 == 6 && two[1].of.i32 == -9);
}

static void check_frames(wasm_trap_t *trap, const char *message, size_t count, const uint32_t *funcs) {
    CHECK(trap != NULL);
    CHECK(trap_says(trap, message));
    wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    CHECK_INT(frames.size, count);
    for (size_t i = 0; i < count; i++) CHECK_INT(wasm_frame_func_index(frames.data[i]), funcs[i]);
    wasm_frame_vec_delete(&frames);
    wasm_trap_delete(trap);
}

/* Indices: two imports come first. */
#define FRAMES(...) sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (uint32_t[]){__VA_ARGS__}

static void crossings(void) {
    enum { F_DIVIDE = 6, F_THROUGH = 7, F_CATCH = 12 };
    CHECK_INT(CALL_I32(f[THROUGH], i32_val(PLAIN)), through(PLAIN, 40));
    CHECK_INT(CALL_I32(f[THROUGH], i32_val(CALLS)), through(CALLS, 42));
    int32_t nested = 40 + NESTS;
    for (int i = 0; i < 6; i++) nested = through(NESTS, nested);
    CHECK_INT(CALL_I32(f[THROUGH], i32_val(NESTS)), nested);
    CHECK_INT(CALL_I32(f[OFTEN], i32_val(1000)), 40000);

    wasm_val_t kept = i32_val(123);
    check_frames(call(f[THROUGH], 1, (wasm_val_t[]){i32_val(TRAPS)}, 1, &kept), "as the host pleases", FRAMES(F_THROUGH));
    CHECK(kept.kind == WASM_I32 && kept.of.i32 == 123);
    check_frames(CALL_TRAP(f[DIVIDE], 1, i32_val(1), i32_val(0)), "divide by zero", FRAMES(F_DIVIDE));
    check_frames(CALL_TRAP(f[THROUGH], 1, i32_val(DIVIDES)), "divide by zero", FRAMES(F_DIVIDE, F_THROUGH));
    check_frames(CALL_TRAP(f[CATCH], 1, i32_val(DIVIDES)), "divide by zero", FRAMES(F_DIVIDE, F_THROUGH, F_CATCH));
    wasmx_raw_t raw[2] = {{.i32 = 1}, {.i32 = 0}};
    check_frames(wasmx_func_call_raw(f[DIVIDE], raw, 2), "divide by zero", FRAMES(F_DIVIDE));
    CHECK_TRAP(CALL_TRAP(f[DEEP], 1, i32_val(0)), "stack");

    CHECK_INT(CALL_I32(f[CATCH], i32_val(PLAIN)), 1000 + through(PLAIN, 40));
    CHECK_INT(CALL_I32(f[CATCH], i32_val(THROWS)), 1077);
    CHECK_TRAP(CALL_TRAP(f[THROUGH], 1, i32_val(THROWS)), "exception");
    CHECK_TRAP(CALL_TRAP(f[THROW], 0, i32_val(1)), "exception");

    CHECK_INT(CALL_I32(f[TAIL_HOST], i32_val(PLAIN)), 40);
    CHECK_INT(CALL_I32(f[TAIL_HOST], i32_val(CALLS)), 42);
    CHECK_TRAP(CALL_TRAP(f[TAIL_HOST], 1, i32_val(TRAPS)), "as the host pleases");
    CHECK_INT(CALL_I32(f[TAIL_TABLE], i32_val(21), i32_val(0)), 42);
    CHECK_INT(CALL_I32(f[TAIL_TABLE], i32_val(CALLS), i32_val(1)), 42);
    raw[0].i32 = PLAIN, raw[1].i32 = 1;
    CHECK(!wasmx_func_call_raw(f[TAIL_TABLE], raw, 2));
    CHECK_INT(raw[0].i32, 40);
}

static void stops(void) {
    wasmx_interrupter_t *interrupter = wasmx_store_interrupter(store);
    wasmx_interrupter_interrupt(interrupter);
    CHECK_TRAP(CALL_TRAP(f[OFTEN], 1, i32_val(1)), "interrupted");
    CHECK_INT(CALL_I32(f[OFTEN], i32_val(1)), 40);
    wasmx_interrupter_delete(interrupter);
}

/* The last handle to the store goes while a function of it runs. */
static void releases(void) {
    CHECK_INT(CALL_I32(f[THROUGH], i32_val(RELEASES)), through(RELEASES, 40 + RELEASES));
    CHECK(store == NULL);
    make();
    wasmx_raw_t raw = {.i32 = RELEASES};
    CHECK(!wasmx_func_call_raw(f[TAIL_HOST], &raw, 1));
    CHECK_INT(raw.i32, 40 + RELEASES);
    make();
    CHECK_INT(CALL_I32(f[CATCH], i32_val(RELEASES)), 1000 + through(RELEASES, 40 + RELEASES));
    make();
}

static void run(wasmx_tier_t tier) {
    wasm_config_t *config = wasm_config_new();
    CHECK(wasmx_config_set_tier(config, tier));
    engine = wasm_engine_new_with_config(config);
    make();
    for (int round = 0; round < 3; round++) values(), crossings(), stops(), releases();
    wasmx_stats_t stats = {.size = sizeof stats};
    values();
    CHECK(wasmx_stats(store, &stats));
    CHECK(stats.calls_in > 0 && stats.calls_out == 1);
    CHECK((stats.machine_entries > 0) == (tier == WASMX_TIER_EAGER));
    release_all();
    wasm_engine_delete(engine);
}

int main(void) {
    run(WASMX_TIER_INTERPRETER);
    wasm_config_t *probe = wasm_config_new();
    if (wasmx_config_set_tier(probe, WASMX_TIER_EAGER)) run(WASMX_TIER_EAGER);
    wasm_config_delete(probe);
    return done();
}
