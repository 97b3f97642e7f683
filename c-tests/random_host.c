/* A host without a plan: calls in random order on random handles, some NULL, some of another store or engine, some of the
 * wrong kind, from outside and from inside of callbacks and finalizers, with images and modules that have been damaged.
 * Nothing may crash or leak, every finalizer runs exactly once, and what is returned is what the header says.
 * `random_host SEED [STEPS]` walks one way alone. */
#include "check.h"

#ifdef UNDER_VALGRIND
enum { SEEDS = 3, STEPS = 1500 };
#else
enum { SEEDS = 30, STEPS = 4000 };
#endif
enum { ENGINES = 2, STORES = 3, SLOTS = 12, KINDS = 13, DEPTH = 3 };

static uint64_t state;
static uint32_t rnd(uint32_t n) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)((state >> 11) % n);
}

/* ---------------------------------------------------------------- handles */

static wasm_engine_t *engines[ENGINES];
static wasm_store_t *stores[STORES];

enum kind { FUNC, GLOBAL, TABLE, MEMORY_, FOREIGN, TRAP, MODULE_, INSTANCE_, EXTERN, REF, SHARED, TYPE, TAG };
static void *pool[KINDS][SLOTS];
static int depth;
static bool leaving;

#define KINDS_OF_REFS(X)                                                                                               \
    X(FUNC, func) X(GLOBAL, global) X(TABLE, table) X(MEMORY_, memory) X(FOREIGN, foreign) X(TRAP, trap)               \
    X(MODULE_, module) X(INSTANCE_, instance) X(EXTERN, extern) X(REF, ref)

static void drop(enum kind kind, void *handle) {
    switch (kind) {
#define DROP(K, name) case K: wasm_##name##_delete(handle); break;
        KINDS_OF_REFS(DROP)
    case SHARED: wasm_shared_module_delete(handle); break;
    case TYPE: wasmx_type_delete(handle); break;
    case TAG: wasmx_tag_delete(handle); break;
    }
}

/* What finalizers have given up: whoever is interrupted by one may be using it. */
static struct {
    enum kind kind;
    void *handle;
} given_up[64];
static int given_up_count, finalizing;

/* Puts a handle (or none) in a place of the pool; what was there is deleted. */
static void put(enum kind kind, uint32_t slot, void *handle) {
    void *old = pool[kind][slot];
    if (finalizing && old) {
        if (given_up_count == 64) {
            drop(kind, handle);
            return;
        }
        given_up[given_up_count].kind = kind;
        given_up[given_up_count++].handle = old;
        old = NULL;
    }
    pool[kind][slot] = handle;
    drop(kind, old);
}

/* Owned by the pool from now on. */
static void keep(enum kind kind, void *handle) { put(kind, rnd(SLOTS), handle); }

/* Lent by the pool; sometimes NULL. */
static void *any(enum kind kind) {
    for (int i = 0; i < 4; i++) {
        void *found = pool[kind][rnd(SLOTS)];
        if (found) return found;
    }
    return NULL;
}

static wasm_store_t *a_store(void) { return rnd(40) ? stores[rnd(STORES)] : NULL; }

/* ---------------------------------------------------------------- finalizers */

static void some_steps(uint32_t most);

static long made, finalized;
static void finalize(void *env) {
    int *once = env;
    CHECK_INT((*once)++, 0);
    finalized++;
    free(once);
    if (leaving || rnd(4)) return;
    finalizing++;
    some_steps(3);
    finalizing--;
}

static void *mark(void) {
    made++;
    return calloc(1, sizeof(int));
}

/* ---------------------------------------------------------------- values */

static wasm_ref_t *a_ref(void) {
    switch (rnd(4)) {
    case 0: return NULL;
    case 1: return wasm_ref_copy(wasm_func_as_ref(any(FUNC)));
    case 2: return wasm_ref_copy(wasm_foreign_as_ref(any(FOREIGN)));
    default: return wasm_ref_copy(any(REF));
    }
}

static wasm_val_t a_value(wasm_valkind_t kind) {
    static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF, 77};
    if (rnd(30) == 0) kind = kinds[rnd(7)];
    wasm_val_t value = {.kind = kind, .of = {.i64 = rnd(4) ? (int64_t)rnd(20) : (int64_t)(state * 0x9e3779b97f4a7c15u)}};
    if (kind >= WASM_EXTERNREF) value.of.ref = a_ref();
    return value;
}

static void look_at(wasm_val_t *value) {
    CHECK(value->kind <= WASM_F64 || value->kind >= WASM_EXTERNREF);
    if (value->kind >= WASM_EXTERNREF && value->kind <= WASM_FUNCREF && value->of.ref && rnd(2)) {
        keep(REF, value->of.ref);
        value->of.ref = NULL;
    }
    wasm_val_delete(value);
}

/* ---------------------------------------------------------------- host functions */

static wasm_trap_t *callback(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(*(int *)env, 0);
    for (size_t i = 0; i < args->size; i++) CHECK(args->data[i].kind <= WASM_F64 || args->data[i].kind >= WASM_EXTERNREF);
    if (rnd(3) == 0) some_steps(6);
    for (size_t i = 0; i < results->size; i++)
        if (rnd(20)) results->data[i] = a_value(results->data[i].kind);
    if (rnd(12)) return NULL;
    return rnd(2) ? host_trap(stores[rnd(STORES)], "by chance") : wasm_trap_copy(any(TRAP));
}

static wasm_trap_t *plain(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return NULL;
}

static wasm_valtype_t *a_type(void) {
    static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF};
    return wasm_valtype_new(kinds[rnd(6)]);
}

static void new_func(void) {
    wasm_functype_t *type = rnd(2) ? wasm_functype_new_1_1(a_type(), a_type()) : wasm_functype_new_0_0();
    wasm_store_t *store = a_store();
    if (rnd(8) == 0) {
        keep(FUNC, wasm_func_new(store, type, plain));
    } else {
        void *env = mark();
        wasm_func_t *func = wasm_func_new_with_env(store, type, callback, env, finalize);
        if (!func) { /* what was not taken is still the host's */
            CHECK(store == NULL);
            made--, free(env);
        }
        keep(FUNC, func);
    }
    wasm_functype_delete(type);
}

/* Calls, with a wrong number of arguments or results now and then. */
static void call_func(wasm_func_t *func) {
    wasm_functype_t *type = wasm_func_type(func);
    wasm_val_t args[16], results[16];
    const wasm_valtype_vec_t *params = type ? wasm_functype_params(type) : NULL;
    size_t argc = params ? params->size : 0, resultc = wasm_func_result_arity(func);
    if (argc > 14 || resultc > 14) {
        wasm_functype_delete(type);
        return;
    }
    for (size_t i = 0; i < 16; i++) results[i] = (wasm_val_t)WASM_INIT_VAL;
    for (size_t i = 0; i < argc; i++) args[i] = a_value(wasm_valtype_kind(params->data[i]));
    wasm_functype_delete(type);
    size_t given = argc - (argc && rnd(20) == 0), room = resultc + rnd(2) - (resultc && rnd(20) == 0);
    wasm_val_vec_t in = {given, args}, out = {room, results};
    wasm_trap_t *trap = wasm_func_call(func, rnd(30) ? &in : NULL, rnd(30) ? &out : NULL);
    for (size_t i = 0; i < argc; i++) wasm_val_delete(&args[i]);
    for (size_t i = 0; i < resultc && i < room && !trap; i++) look_at(&results[i]);
    if (trap) keep(TRAP, trap);
}

/* ---------------------------------------------------------------- modules and instances */

#define INPUT(name) {name##_wasm, sizeof name##_wasm}
static const struct {
    const unsigned char *bytes;
    size_t size;
} inputs[] = {
    INPUT(callback), INPUT(empty),     INPUT(finalize), INPUT(frames),   INPUT(global),      INPUT(hello),
    INPUT(hostref),  INPUT(imports),   INPUT(link),     INPUT(link_user), INPUT(memory),     INPUT(multi),
    INPUT(reentry),  INPUT(reflect),   INPUT(start),    INPUT(start_ok), INPUT(table),       INPUT(trap),
    INPUT(guest),    INPUT(invalid),   INPUT(ext_tags), INPUT(ext_objects),
};

static void damage(wasm_byte_vec_t *bytes) {
    if (rnd(5)) return;
    for (uint32_t n = 1 + rnd(3); n && bytes->size; n--) bytes->data[rnd((uint32_t)bytes->size)] ^= (char)(1 << rnd(8));
    if (rnd(3) == 0) bytes->size -= rnd((uint32_t)bytes->size + 1);
}

static void new_module(void) {
    wasm_byte_vec_t bytes;
    size_t which = rnd(sizeof inputs / sizeof *inputs);
    wasm_byte_vec_new(&bytes, inputs[which].size, (const wasm_byte_t *)inputs[which].bytes);
    size_t size = bytes.size;
    /* A damaged module could be one that works for hours: only images, which are sealed, and headers. */
    if (rnd(6) == 0) bytes.data[rnd(8)] ^= 1;
    if (rnd(8) == 0) bytes.size = rnd((uint32_t)size);
    wasm_store_t *store = a_store();
    bool valid = wasm_module_validate(store, &bytes);
    wasm_module_t *module = wasm_module_new(store, &bytes);
    CHECK(valid == (module != NULL));
    CHECK(module != NULL || wasmx_last_error() != NULL);
    bytes.size = size;
    wasm_byte_vec_delete(&bytes);
    keep(MODULE_, module);
}

static void image(void) {
    wasm_byte_vec_t bytes;
    wasm_module_serialize(any(MODULE_), &bytes);
    size_t size = bytes.size;
    damage(&bytes);
    keep(MODULE_, wasm_module_deserialize(a_store(), &bytes));
    bytes.size = size;
    wasm_byte_vec_delete(&bytes);
}

/* Something that could be imported as this, made on purpose, or anything. */
static wasm_extern_t *a_match(wasm_store_t *store, const wasm_externtype_t *type) {
    if (rnd(25) == 0) return rnd(2) ? any(EXTERN) : NULL;
    switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC: {
        void *env = mark();
        wasm_func_t *func = wasm_func_new_with_env(store, wasm_externtype_as_functype_const(type), callback, env, finalize);
        CHECK(func != NULL);
        keep(FUNC, func);
        return wasm_func_as_extern(func);
    }
    case WASM_EXTERN_GLOBAL: {
        const wasm_globaltype_t *wanted = wasm_externtype_as_globaltype_const(type);
        wasm_val_t value = a_value(wasm_valtype_kind(wasm_globaltype_content(wanted)));
        wasm_global_t *global = wasm_global_new(store, wanted, &value);
        wasm_val_delete(&value);
        keep(GLOBAL, global);
        return wasm_global_as_extern(global);
    }
    case WASM_EXTERN_TABLE: {
        wasm_ref_t *init = a_ref();
        wasm_table_t *table = wasm_table_new(store, wasm_externtype_as_tabletype_const(type), init);
        wasm_ref_delete(init);
        keep(TABLE, table);
        return wasm_table_as_extern(table);
    }
    case WASM_EXTERN_MEMORY: {
        wasm_memory_t *memory = wasm_memory_new(store, wasm_externtype_as_memorytype_const(type));
        keep(MEMORY_, memory);
        return wasm_memory_as_extern(memory);
    }
    default: return any(EXTERN);
    }
}

static void new_instance(void) {
    wasm_module_t *module = wasm_module_copy(any(MODULE_));
    wasm_store_t *store = a_store();
    wasm_importtype_vec_t types;
    wasm_module_imports(module, &types);
    wasm_extern_t *list[8] = {NULL};
    size_t count = types.size < 8 ? types.size : 8;
    /* Copies: the next import may push one out of the pool. */
    for (size_t i = 0; i < count && store; i++) list[i] = wasm_extern_copy(a_match(store, wasm_importtype_type(types.data[i])));
    wasm_importtype_vec_delete(&types);
    wasm_extern_vec_t imports = {count + (rnd(30) == 0 && count < 8) - (rnd(30) == 0 && count > 0), list};
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasm_instance_new(store, module, rnd(30) ? &imports : NULL, rnd(4) ? &trap : NULL);
    CHECK(!instance || !trap);
    CHECK(instance || wasmx_last_error());
    if (trap) keep(TRAP, trap);
    for (size_t i = 0; i < 8; i++) wasm_extern_delete(list[i]);
    wasm_module_delete(module);
    if (!instance) return;
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    for (size_t i = 0; i < exports.size; i++) {
        switch (wasm_extern_kind(exports.data[i])) {
        case WASM_EXTERN_FUNC: keep(FUNC, wasm_func_copy(wasm_extern_as_func(exports.data[i]))); break;
        case WASM_EXTERN_GLOBAL: keep(GLOBAL, wasm_global_copy(wasm_extern_as_global(exports.data[i]))); break;
        case WASM_EXTERN_TABLE: keep(TABLE, wasm_table_copy(wasm_extern_as_table(exports.data[i]))); break;
        case WASM_EXTERN_MEMORY: keep(MEMORY_, wasm_memory_copy(wasm_extern_as_memory(exports.data[i]))); break;
        default: keep(EXTERN, wasm_extern_copy(exports.data[i]));
        }
    }
    wasm_extern_vec_delete(&exports);
    keep(INSTANCE_, instance);
}

/* ---------------------------------------------------------------- objects */

static void use_table(void) {
    wasm_table_t *table = any(TABLE);
    wasm_ref_t *ref = a_ref();
    uint32_t size = wasm_table_size(table);
    switch (rnd(4)) {
    case 0: keep(REF, wasm_table_get(table, rnd(size + 2))); break;
    case 1: CHECK(!wasm_table_set(table, size, ref)); break;
    case 2: wasm_table_set(table, rnd(size + 1), ref); break;
    default: CHECK_INT(wasm_table_size(table) - size, 0); wasm_table_grow(table, rnd(8) ? rnd(3) : UINT32_MAX - rnd(9), ref);
    }
    wasm_ref_delete(ref);
}

static void use_memory(void) {
    wasm_memory_t *memory = any(MEMORY_);
    size_t size = wasm_memory_data_size(memory);
    CHECK_INT(size, (uint64_t)wasm_memory_size(memory) * MEMORY_PAGE_SIZE);
    if (size) wasm_memory_data(memory)[rnd(4) ? size - 1 : rnd((uint32_t)size)] = (char)state;
    if (rnd(3) == 0 && wasm_memory_grow(memory, rnd(6) ? rnd(2) : UINT32_MAX - rnd(9)))
        CHECK(wasm_memory_data_size(memory) >= size);
}

static void use_global(void) {
    wasm_val_t value = a_value((wasm_valkind_t[]){WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF}[rnd(5)]);
    wasm_global_t *global = any(GLOBAL);
    if (rnd(2)) wasm_global_set(global, &value);
    wasm_val_delete(&value);
    value = (wasm_val_t)WASM_INIT_VAL;
    wasm_global_get(global, &value);
    if (global) look_at(&value);
}

static void use_trap(void) {
    wasm_trap_t *trap = any(TRAP);
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    CHECK(!trap || (message.size > 0 && message.data[message.size - 1] == 0));
    wasm_byte_vec_delete(&message);
    wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    wasm_frame_t *origin = wasm_trap_origin(trap);
    CHECK((origin != NULL) == (frames.size > 0));
    if (origin) keep(INSTANCE_, wasm_instance_copy(wasm_frame_instance(origin)));
    wasm_frame_delete(origin);
    wasm_frame_vec_delete(&frames);
    wasmx_trap_backtrace(trap, &message);
    wasm_byte_vec_delete(&message);
}

/* There and back, through every wrong cast; a copy; and host data. */
static void use_ref(void) {
#define USE_REF(K, name)                                                                                               \
    case K: {                                                                                                          \
        wasm_##name##_t *it = any(K), *copy = wasm_##name##_copy(it);                                                  \
        CHECK(!it || (copy && wasm_##name##_same(it, copy)));                                                          \
        (void)wasm_##name##_same(it, any(K));                                                                          \
        if (it && !wasm_##name##_get_host_info(it) && rnd(3) == 0)                                                     \
            wasm_##name##_set_host_info_with_finalizer(it, mark(), finalize);                                          \
        keep(K, copy);                                                                                                 \
        break;                                                                                                         \
    }
#define CAST(K, name)                                                                                                  \
    CHECK(wasm_ref_as_##name(ref) == NULL || wasm_##name##_as_ref(wasm_ref_as_##name(ref)) == ref);
    switch ((enum kind)rnd(KINDS)) { KINDS_OF_REFS(USE_REF) default: break; }
    wasm_ref_t *ref = any(REF);
    CAST(FUNC, func) CAST(GLOBAL, global) CAST(TABLE, table) CAST(MEMORY_, memory) CAST(FOREIGN, foreign)
    CAST(TRAP, trap) CAST(MODULE_, module) CAST(INSTANCE_, instance) CAST(EXTERN, extern)
    wasm_extern_t *external = any(EXTERN);
    wasm_extern_t *kinds[] = {
        wasm_func_as_extern(wasm_extern_as_func(external)),   wasm_global_as_extern(wasm_extern_as_global(external)),
        wasm_table_as_extern(wasm_extern_as_table(external)), wasm_memory_as_extern(wasm_extern_as_memory(external)),
        wasmx_tag_as_extern(wasmx_extern_as_tag(external)),
    };
    int fitting = 0;
    for (int i = 0; i < 5; i++) fitting += kinds[i] != NULL && kinds[i] == external;
    CHECK_INT(fitting, external != NULL);
    wasm_externtype_delete(wasm_extern_type(external));
}

/* Structures, arrays and exceptions, of types and tags of any engine and store, with zeros and nulls in them. */
static void use_heap(void) {
    wasmx_raw_t zeros[8], raw;
    memset(zeros, 0, sizeof zeros);
    wasm_ref_t *ref = any(REF);
    int32_t i31 = 0;
    switch (rnd(12)) {
    case 0: keep(TYPE, wasmx_ref_type(ref)); break;
    case 1: keep(REF, wasmx_struct_new(a_store(), any(TYPE), rnd(4), zeros)); break;
    case 2: keep(REF, wasmx_array_new(a_store(), any(TYPE), rnd(9) ? rnd(100) : UINT32_MAX - rnd(9), zeros)); break;
    case 3: keep(REF, wasmx_array_new_from(a_store(), any(TYPE), rnd(9), zeros)); break;
    case 4: keep(REF, wasmx_i31_new(a_store(), (int32_t)state)); break;
    case 5: keep(TAG, wasmx_tag_copy(wasmx_extern_as_tag(any(EXTERN)))); break;
    case 6: {
        wasm_tagtype_t *type = wasm_tagtype_new(wasm_functype_new_1_0(a_type()));
        keep(TAG, wasmx_tag_new(a_store(), type));
        wasm_tagtype_delete(type);
        break;
    }
    case 7: keep(REF, wasmx_exception_new(a_store(), any(TAG), rnd(3), zeros)); break;
    case 8: keep(TRAP, wasmx_trap_new_exception(ref)); break;
    case 9: keep(REF, wasmx_trap_exception(any(TRAP))); break;
    case 10:
        keep(TAG, wasmx_exception_tag(ref));
        ref = any(REF);
        CHECK(wasmx_exception_payload(ref, zeros, 8) == (wasmx_ref_kind(ref) == WASMX_REF_EXCEPTION));
        break;
    default: {
        uint32_t length = wasmx_array_length(ref), fields = (uint32_t)wasmx_struct_field_count(ref);
        uint32_t at = rnd(length + fields + 2);
        CHECK(wasmx_struct_get(ref, at, &raw) == (at < fields));
        CHECK(wasmx_array_get(ref, at, &raw) == (at < length));
        CHECK(!wasmx_struct_set(ref, at, zeros) || at < fields);
        CHECK(!wasmx_array_set(ref, at, zeros) || at < length);
        CHECK(wasmx_i31_get(ref, &i31) == (wasmx_ref_kind(ref) == WASMX_REF_I31));
    }
    }
}

static void new_engine(uint32_t which) {
    wasm_config_t *config = wasm_config_new();
    wasmx_config_set_fuel(config, true);
    static const wasmx_tier_t tiers[] = {WASMX_TIER_TIERING, WASMX_TIER_EAGER, WASMX_TIER_INTERPRETER};
    wasmx_config_set_tier(config, tiers[rnd(3)]); /* refused by builds without the compiler */
    wasmx_config_set_tier_thresholds(config, 3, 30);
    if (rnd(2)) wasmx_config_set_compile_threads(config, 0);
    wasmx_config_set_limit(config, WASMX_LIMIT_TABLE_ELEMENTS, 1000000);
    wasmx_config_set_limit(config, WASMX_LIMIT_HOST_NESTING, 100);
    wasm_engine_t *old = engines[which];
    CHECK((engines[which] = wasm_engine_new_with_config(config)) != NULL);
    wasm_engine_delete(old);
}

/* Asked in the middle of guest code. */
static uint64_t more_fuel(void *env, uint64_t missing) {
    CHECK_INT(*(int *)env, 0);
    some_steps(4);
    return rnd(3) ? 0 : missing + rnd(500);
}

static bool allow_growth(void *env, const wasmx_growth_t *growth) {
    CHECK_INT(*(int *)env, 0);
    CHECK(growth->to >= growth->from);
    return rnd(3);
}

static void use_store(void) {
    uint32_t which = rnd(STORES);
    wasmx_stats_t stats = {.size = sizeof stats};
    switch (rnd(9)) {
    case 8: CHECK(wasmx_store_set_growth_callback(stores[which], allow_growth, mark(), finalize)); break;
    case 7: CHECK(wasmx_store_set_fuel_callback(stores[which], more_fuel, mark(), finalize)); break;
    case 6: new_engine(rnd(ENGINES)); break;
    case 0: wasmx_store_collect(stores[which]); break;
    case 1: CHECK(wasmx_stats(stores[which], &stats)); break;
    case 2: wasmx_store_interrupt(stores[which]); break;
    case 3: wasmx_store_clear_interrupt(stores[which]); break;
    case 4: wasmx_store_set_limit(stores[which], (wasmx_limit_t)rnd(9), rnd(2) ? 1 << 24 : rnd(100000)); break;
    default: {
        if (finalizing) break;
        wasm_store_t *old = stores[which];
        CHECK((stores[which] = wasm_store_new(engines[rnd(ENGINES)])) != NULL);
        if (rnd(2)) CHECK(wasmx_store_set_limit(stores[which], WASMX_LIMIT_TOTAL_MEMORY_BYTES, 64 << 20));
        wasm_store_delete(old);
    }
    }
}

static void step(void) {
    for (int i = 0; i < STORES; i++) wasmx_store_set_fuel(stores[i], 3000);
    switch (rnd(22)) {
    case 0: new_module(); break;
    case 1: keep(SHARED, wasm_module_share(any(MODULE_))); break;
    case 2: keep(MODULE_, wasm_module_obtain(a_store(), any(SHARED))); break;
    case 3: image(); break;
    case 4:
    case 5:
    case 6: new_instance(); break;
    case 7: new_func(); break;
    case 8: keep(FOREIGN, wasm_foreign_new(a_store())); break;
    case 9: keep(REF, a_ref()); break;
    case 10: use_table(); break;
    case 11: use_memory(); break;
    case 12: use_global(); break;
    case 13: use_trap(); break;
    case 14: use_ref(); break;
    case 15: use_store(); break;
    case 17: use_heap(); break;
    case 16: keep(EXTERN, wasm_extern_copy(rnd(2) ? wasm_table_as_extern(any(TABLE)) : wasm_func_as_extern(any(FUNC)))); break;
    default: {
        uint32_t kind = rnd(KINDS), slot = rnd(SLOTS);
        if (rnd(4) == 0) {
            put(kind, slot, NULL);
        } else {
            call_func(any(FUNC));
        }
    }
    }
}

/* From inside of the library. */
static void some_steps(uint32_t most) {
    if (depth == DEPTH) return;
    depth++;
    for (uint32_t n = rnd(most); n; n--) step();
    depth--;
}

static void walk(uint64_t seed, long steps) {
    state = (seed + 1) * 0x9e3779b97f4a7c15u;
    made = finalized = 0;
    leaving = false;
    for (uint32_t i = 0; i < ENGINES; i++) engines[i] = NULL, new_engine(i);
    for (int i = 0; i < STORES; i++) CHECK((stores[i] = wasm_store_new(engines[i % ENGINES])) != NULL);
    for (long i = 0; i < steps; i++) {
        step();
        while (given_up_count) given_up_count--, drop(given_up[given_up_count].kind, given_up[given_up_count].handle);
    }
    /* Everything goes, in an order of chance. */
    leaving = true;
    for (int i = 0; i < ENGINES; i++) {
        wasm_engine_delete(engines[i]);
        for (int k = 0; k < 300; k++) {
            void **slot = &pool[rnd(KINDS)][0] + rnd(SLOTS), *old = *slot;
            *slot = NULL;
            drop((enum kind)((slot - &pool[0][0]) / SLOTS), old);
        }
        if (i == 0)
            for (int k = 0; k < STORES; k++) wasm_store_delete(stores[k]);
    }
    for (int kind = 0; kind < KINDS; kind++)
        for (int slot = 0; slot < SLOTS; slot++) drop((enum kind)kind, pool[kind][slot]), pool[kind][slot] = NULL;
    CHECK_INT(finalized, made);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        walk(strtoull(argv[1], NULL, 10), argc > 2 ? atol(argv[2]) : STEPS);
        return done();
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++) walk(seed, STEPS);
    return done();
}
