/* The library's heap in the host's hands, and what happens when there is no more of it: a script of calls runs in child
 * processes in which the n-th allocation fails, or all from the n-th on, or all above a size, or the address space has an end.
 * Functions may fail then, by NULL, false or a trap; the process must not. When there is memory again, everything works. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the heap */

static atomic_long allocations, live_blocks, live_bytes;
static atomic_long fail_at = -1; /* the number of the allocation that fails */
static atomic_bool fail_after;   /* and all after it */
static atomic_size_t fail_size = SIZE_MAX;

static bool refused(size_t size) {
    long n = atomic_fetch_add(&allocations, 1);
    long at = fail_at;
    return size >= fail_size || (at >= 0 && (n == at || (fail_after && n > at)));
}

static void *allocate(void *env, size_t size, size_t alignment) {
    CHECK(env == &live_blocks && size > 0 && (alignment & (alignment - 1)) == 0);
    if (refused(size)) return NULL;
    void *block = alignment <= 16 ? malloc(size) : aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
    if (!block) return NULL;
    memset(block, 0xa5, size < 4096 ? size : 4096);
    live_blocks++;
    live_bytes += (long)size;
    return block;
}

static void release(void *env, void *block, size_t size, size_t alignment) {
    (void)env, (void)alignment;
    live_blocks--;
    live_bytes -= (long)size;
    free(block);
}

static void *reallocate(void *env, void *block, size_t old_size, size_t new_size, size_t alignment) {
    (void)env, (void)alignment;
    if (alignment > 16 || refused(new_size)) return NULL;
    void *new = realloc(block, new_size);
    if (new) live_bytes += (long)new_size - (long)old_size;
    return new;
}

/* ---------------------------------------------------------------- the script */

static const char text[] =
    "(module $script"
    " (type $node (struct (field i32) (field (ref null $node))))"
    " (import \"host\" \"f\" (func $f (param i32 externref) (result i32)))"
    " (import \"wasi_snapshot_preview1\" \"fd_write\" (func $fd_write (param i32 i32 i32 i32) (result i32)))"
    " (import \"wasi_snapshot_preview1\" \"args_sizes_get\" (func $args (param i32 i32) (result i32)))"
    " (memory (export \"memory\") 1)"
    " (table $t (export \"t\") 2 externref)"
    " (table $fs 4 funcref) (elem (table $fs) (i32.const 0) func $f $grow $table $objects)"
    " (global (export \"g\") (mut externref) (ref.null extern))"
    " (tag $e (export \"e\") (param i32))"
    " (data (i32.const 16) \"\\20\\00\\00\\00\\05\\00\\00\\00hello\")"
    " (func $grow (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))"
    " (func $table (export \"table\") (param i32) (result i32) (table.grow $t (ref.null extern) (local.get 0)))"
    " (func $objects (export \"objects\") (param $n i32) (result i32) (local $last (ref null $node))"
    "  (loop $again"
    "   (local.set $last (struct.new $node (local.get $n) (local.get $last)))"
    "   (local.set $n (i32.sub (local.get $n) (i32.const 1)))"
    "   (br_if $again (local.get $n)))"
    "  (struct.get $node 0 (local.get $last)))"
    " (func (export \"trap\") (param i32) (result i32) (i32.load (i32.sub (i32.const 0) (local.get 0))))"
    " (func (export \"back\") (param i32) (result i32) (call $f (local.get 0) (global.get 0)))"
    " (func (export \"throw\") (param i32) (result i32) (throw $e (local.get 0)))"
    " (func (export \"write\") (param i32) (result i32)"
    "  (drop (call $args (i32.const 64) (i32.const 68)))"
    "  (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 0)))"
    " (func (export \"deep\") (param i32) (result i32) (if (result i32) (local.get 0)"
    "  (then (i32.add (call $again (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))) (else (unreachable))))"
    " (func $again (export \"again\") (param i32) (result i32) (return_call $deeper (local.get 0)))"
    " (func $deeper (param i32) (result i32) (if (result i32) (local.get 0)"
    "  (then (i32.add (call $deeper (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))) (else (unreachable)))))";

enum { MEMORY, TABLE, GLOBAL, TAG, FUNCS };

static wasm_trap_t *on_call(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    wasm_store_t *store = env;
    if (args->data[0].of.i32 == 3) {
        wasm_message_t message;
        wasm_name_new_from_string_nt(&message, "three is refused");
        wasm_trap_t *trap = wasm_trap_new(store, &message);
        wasm_byte_vec_delete(&message);
        if (trap) return trap;
    }
    results->data[0] = i32_val(args->data[0].of.i32 + 1);
    return NULL;
}

/* How many of its steps have done what they should. */
static int steps;

/* How guests run: as by default, or compiled when they are called or loop, at once or by the thread for that. */
static enum { DEFAULT, AT_ONCE, BY_THREAD, TIERS } tier;

static void look_at(wasm_trap_t *trap) {
    if (!trap) return;
    wasm_message_t message;
    wasm_frame_vec_t frames;
    wasm_byte_vec_t lines;
    wasm_trap_message(trap, &message);
    wasm_trap_trace(trap, &frames);
    wasmx_trap_backtrace(trap, &lines);
    (void)wasmx_trap_kind(trap);
    if (message.size > 0) steps++;
    wasm_ref_t *exception = wasmx_trap_exception(trap);
    if (exception) wasm_ref_delete(exception);
    wasm_byte_vec_delete(&message);
    wasm_frame_vec_delete(&frames);
    wasm_byte_vec_delete(&lines);
    wasm_trap_delete(trap);
}

static void call_with(const wasm_func_t *func, int32_t value) {
    wasm_val_t args[1] = {i32_val(value)}, results[1] = {WASM_INIT_VAL};
    wasm_trap_t *trap = call(func, 1, args, 1, results);
    if (trap)
        look_at(trap);
    else
        steps++;
}

static void use(wasm_store_t *store, wasm_instance_t *instance) {
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    if (exports.size == 0) return;
    steps++;
    static const int32_t arguments[] = {1, 3, 5000, 4, 2, 7, 1, 50, 300};
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    if (foreign) {
        wasm_val_t value = externref_val(wasm_foreign_as_ref(foreign));
        wasm_global_set(wasm_extern_as_global(exports.data[GLOBAL]), &value);
        if (wasm_table_set(wasm_extern_as_table(exports.data[TABLE]), 1, wasm_foreign_as_ref(foreign))) steps++;
        wasm_ref_t *back = wasm_table_get(wasm_extern_as_table(exports.data[TABLE]), 1);
        if (back) steps++, wasm_ref_delete(back);
    }
    for (size_t i = FUNCS; i < exports.size; i++) {
        call_with(wasm_extern_as_func(exports.data[i]), arguments[i - FUNCS]);
    }
    call_with(wasm_extern_as_func(exports.data[FUNCS + 4]), 3);
    /* Guests and hosts that ask for more and more. */
    for (int i = 0; i < 12; i++) call_with(wasm_extern_as_func(exports.data[FUNCS + 1]), 100 << i);
    if (wasm_memory_grow(wasm_extern_as_memory(exports.data[MEMORY]), 100)) steps++;
    if (wasm_memory_data(wasm_extern_as_memory(exports.data[MEMORY]))) steps++;
    wasmx_tag_t *tag = wasmx_extern_as_tag(exports.data[TAG]);
    wasmx_raw_t payload = {.i32 = 9};
    wasm_ref_t *exception = wasmx_exception_new(store, tag, 1, &payload);
    if (exception) steps++, wasm_ref_delete(exception);
    wasmx_stats_t stats = {.size = sizeof stats};
    if (wasmx_stats(store, &stats)) steps++;
    wasmx_interrupter_t *interrupter = wasmx_store_interrupter(store);
    if (interrupter) steps++, wasmx_interrupter_delete(interrupter);
    wasmx_store_collect(store);
    if (foreign) wasm_foreign_delete(foreign);
    wasm_extern_vec_delete(&exports);
}

static void in_store(wasm_store_t *store, const wasm_byte_vec_t *binary) {
    wasm_module_t *module = wasm_module_new(store, binary);
    if (!module) return;
    steps++;
    wasm_importtype_vec_t imports;
    wasm_exporttype_vec_t exports;
    wasm_module_imports(module, &imports);
    wasm_module_exports(module, &exports);
    if (imports.size && exports.size) steps++;
    wasm_byte_vec_t image;
    wasm_module_serialize(module, &image);
    wasm_module_t *again = image.size ? wasm_module_deserialize(store, &image) : NULL;
    if (again) steps++, wasm_module_delete(again);
    wasm_byte_vec_delete(&image);

    wasi_config_t *config = wasi_config_new();
    wasi_env_t *env = NULL;
    if (config) {
        const char *args[] = {"script", "argument"};
        if (wasi_config_set_argv(config, 2, args)) steps++;
        env = wasi_env_new(store, config);
    }
    wasm_functype_t *type = wasm_functype_new_2_1(wasm_valtype_new(WASM_I32), wasm_valtype_new(WASM_EXTERNREF),
                                                  wasm_valtype_new(WASM_I32));
    wasm_func_t *func = type ? wasm_func_new_with_env(store, type, on_call, store, NULL) : NULL;
    wasm_extern_vec_t given = WASM_EMPTY_VEC;
    if (env && func && wasi_get_imports(store, env, module, &given) && given.size == 3) {
        given.data[0] = wasm_extern_copy(wasm_func_as_extern(func));
        wasm_trap_t *trap = NULL;
        wasm_instance_t *instance = wasm_instance_new(store, module, &given, &trap);
        look_at(trap);
        if (instance) {
            steps++;
            if (wasi_env_initialize_instance(env, store, instance)) steps++;
            use(store, instance);
            wasm_instance_delete(instance);
        }
    }
    wasm_extern_vec_delete(&given);
    if (func) wasm_func_delete(func);
    if (type) wasm_functype_delete(type);
    if (env) wasi_env_delete(env);
    wasm_importtype_vec_delete(&imports);
    wasm_exporttype_vec_delete(&exports);
    wasm_module_delete(module);
}

static int script(void) {
    steps = 0;
    wasm_byte_vec_t source = {sizeof text - 1, (wasm_byte_t *)(uintptr_t)text}, binary;
    wasm_config_t *config = wasm_config_new();
    if (config && wasmx_config_set_feature(config, "legacy-exceptions", false)) steps++;
    if (config && tier != DEFAULT) {
        wasmx_config_set_tier_thresholds(config, 0, 0);
        wasmx_config_set_compile_threads(config, tier == BY_THREAD);
    }
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = engine ? wasm_store_new(engine) : NULL;
    if (wasmx_wat2wasm(&source, &binary)) steps++;
    if (store && binary.size) in_store(store, &binary);
    wasm_byte_vec_delete(&binary);
    if (store) wasm_store_delete(store);
    if (engine) wasm_engine_delete(engine);
    return steps;
}

/* ---------------------------------------------------------------- running out */

/* How many steps the script makes in a child where `prepare` has run; -1 if the child did not survive, and -2 if it did
 * not recover. */
static int in_child(void (*prepare)(long), long argument, int whole) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        prepare(argument);
        int made = script();
        fail_at = -1;
        fail_after = false;
        fail_size = SIZE_MAX;
        setrlimit(RLIMIT_AS, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
        if (whole && script() != whole) made = -2;
        if (write(ends[1], &made, sizeof made) != sizeof made) made = -1;
        _exit(made < 0 ? 1 : 0);
    }
    close(ends[1]);
    int made = -1, status;
    if (read(ends[0], &made, sizeof made) != sizeof made) made = -1;
    close(ends[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) || made == -2 ? made : -1;
}

static void fail_once(long n) {
    allocations = 0;
    fail_at = n;
}

static void fail_from(long n) {
    fail_after = true;
    fail_once(n);
}

static void fail_large(long size) { fail_size = (size_t)size; }

static void every_allocation(long count, int whole) {
    /* EXT_HEAP_STEP=1 tries each of them, which takes minutes. */
#if defined UNDER_VALGRIND
    long step = 401;
#elif defined __SANITIZE_ADDRESS__
    long step = 61;
#else
    long step = 37;
#endif
    if (tier != DEFAULT) step *= 4;
    const char *wanted = getenv("EXT_HEAP_STEP");
    if (wanted && atol(wanted) > 0) step = atol(wanted);
    int failures = 0;
    long some = 0;
    for (long n = 0; n < count; n += step) {
        int once = in_child(fail_once, n, whole), from = in_child(fail_from, n, whole);
        if (once < 0 || from < 0) {
            failures++;
            fprintf(stderr, "allocation %ld: %d when it fails, %d when all fail from it on\n", n, once, from);
        }
        some += from > 0 && from < whole;
    }
    CHECK_INT(failures, 0);
    CHECK(some > 0);
    for (long size = 16; size < 1 << 20; size *= 2) {
        int made = in_child(fail_large, size, whole);
        if (made < 0) fprintf(stderr, "all blocks of %ld bytes and more: %d\n", size, made);
        CHECK(made >= 0);
    }
}

/* ---------------------------------------------------------------- an end of the address space */

static uint8_t *put_size(uint8_t *to, uint32_t size) {
    for (int i = 0; i < 5; i++) *to++ = (uint8_t)((size >> 7 * i & 0x7f) | (i < 4 ? 0x80 : 0));
    return to;
}

/* A module of many functions, or of one with many blocks inside each other. */
static wasm_byte_vec_t large_module(uint32_t functions, uint32_t blocks) {
    uint32_t body = 3 * blocks + 2, code = functions * (5 + body);
    wasm_byte_vec_t out;
    wasm_byte_vec_new_uninitialized(&out, 8 + 6 + 11 + functions + 11 + code);
    if (!out.data) return out;
    uint8_t *at = (uint8_t *)out.data;
    static const uint8_t head[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0};
    memcpy(at, head, sizeof head), at += sizeof head;
    *at++ = 3, at = put_size(at, 5 + functions), at = put_size(at, functions);
    memset(at, 0, functions), at += functions;
    *at++ = 10, at = put_size(at, 5 + code), at = put_size(at, functions);
    for (uint32_t i = 0; i < functions; i++) {
        at = put_size(at, body);
        *at++ = 0;
        for (uint32_t k = 0; k < blocks; k++) *at++ = 2, *at++ = 0x40;
        memset(at, 0x0b, blocks + 1), at += blocks + 1;
    }
    return out;
}

static size_t address_space(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    if (file) {
        if (fscanf(file, "%lu", &pages) != 1) pages = 0;
        fclose(file);
    }
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void bounded(long bytes) {
    size_t end = address_space() + (size_t)bytes;
    setrlimit(RLIMIT_AS, &(struct rlimit){end, RLIM_INFINITY});
    /* What a hostile module makes of that. */
    static const uint32_t shapes[][2] = {{200000, 0}, {1, 300000}, {20, 20000}};
    for (size_t i = 0; i < 3; i++) {
        wasm_engine_t *engine = wasm_engine_new();
        wasm_store_t *store = engine ? wasm_store_new(engine) : NULL;
        wasm_byte_vec_t binary = large_module(shapes[i][0], shapes[i][1]);
        if (store && binary.size) {
            wasm_module_t *module = wasm_module_new(store, &binary);
            wasm_trap_t *trap = NULL;
            wasm_instance_t *instance =
                module ? wasm_instance_new(store, module, &(wasm_extern_vec_t)WASM_EMPTY_VEC, &trap) : NULL;
            look_at(trap);
            if (instance) wasm_instance_delete(instance);
            if (module) wasm_module_delete(module);
        }
        wasm_byte_vec_delete(&binary);
        if (store) wasm_store_delete(store);
        if (engine) wasm_engine_delete(engine);
    }
}

static void address_spaces(int whole) {
#if defined UNDER_VALGRIND || defined __SANITIZE_ADDRESS__
    (void)whole, (void)in_child, (void)bounded; /* both need more address space than they may have */
#else
    int all = 0, least = whole;
    for (long kilobytes = 64; kilobytes <= 512 << 10; kilobytes += kilobytes / 2) {
        int made = in_child(bounded, kilobytes << 10, whole);
        if (made < 0) fprintf(stderr, "%ld KB of address space: %d\n", kilobytes, made);
        CHECK(made >= 0);
        if (made == whole) all++;
        if (made < least) least = made;
    }
    CHECK(all > 0 && least < whole);
#endif
}

int main(void) {
    wasmx_allocator_t heap = {&live_blocks, allocate, reallocate, release}, bad = heap;
    bad.allocate = NULL;
    CHECK(!wasmx_set_allocator(NULL) && !wasmx_set_allocator(&bad));
    CHECK(wasmx_set_allocator(&heap));
    CHECK(!wasmx_set_allocator(&heap));
    for (tier = DEFAULT; tier < TIERS; tier++) {
        int whole = script();
        CHECK(whole > 30);
        /* What a thread and the process keep is made by now; nothing else stays. */
        long blocks = live_blocks, bytes = live_bytes;
        allocations = 0;
        CHECK_INT(script(), whole);
        long count = allocations;
        CHECK(count > 100);
        CHECK_INT(live_blocks, blocks);
        CHECK_INT(live_bytes, bytes);
        every_allocation(count, whole);
        if (tier == DEFAULT) address_spaces(whole);
    }
    return done();
}
