/* What embedding costs: calls in both directions, modules, stores and instances, through wasm.h, and calls by raw values
 * through wasmx.h where a library has it.
 *
 *   embed [--rounds N] LIBRARY...
 *
 * Every library that exports wasm.h is loaded in turn into a child process of its own, which measures each figure for a
 * moment of CPU time; libraries alternate, N rounds, medians. Ratios are the first library's time over each other's, so
 * below 1 the first is faster. All libraries see the same program and the same modules.
 *
 * The functions used here have the same signatures in every published wasm.h since vectors of values replaced bare
 * arrays (2020): `wasm_instance_new` takes its imports as a vector and reports a trap through its fourth argument.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <wasm.h>
#include <wasmx.h>

#define FUNCTIONS(F)                                                                                                   \
    F(wasm_engine_new) F(wasm_engine_delete) F(wasm_store_new) F(wasm_store_delete) F(wasm_module_new)                 \
    F(wasm_module_delete) F(wasm_module_share) F(wasm_module_obtain) F(wasm_instance_new) F(wasm_instance_delete)      \
    F(wasm_instance_exports) F(wasm_extern_vec_delete) F(wasm_extern_as_func) F(wasm_extern_as_memory)                 \
    F(wasm_func_as_extern) F(wasm_func_call) F(wasm_func_new) F(wasm_functype_new) F(wasm_functype_delete)             \
    F(wasm_func_param_arity) F(wasm_valtype_new) F(wasm_valtype_vec_new) F(wasm_memory_data) F(wasm_memory_data_size)

#define DECLARE(name) static __typeof__(name) *p_##name;
FUNCTIONS(DECLARE)

/* What only we have; a figure that needs it is left out for others. */
#define EXTENSIONS(F) F(wasmx_func_call_raw) F(wasmx_func_new_raw)
EXTENSIONS(DECLARE)

/* (func (export "nop")) (func (export "add") (param i32 i32) (result i32) ...) */
static const uint8_t calls_module[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0a, 0x02, 0x60, 0x00, 0x00, 0x60, 0x02, 0x7f, 0x7f,
    0x01, 0x7f, 0x03, 0x03, 0x02, 0x00, 0x01, 0x07, 0x0d, 0x02, 0x03, 0x6e, 0x6f, 0x70, 0x00, 0x00, 0x03, 0x61,
    0x64, 0x64, 0x00, 0x01, 0x0a, 0x0c, 0x02, 0x02, 0x00, 0x0b, 0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6a, 0x0b,
};
/* Imports env.callback (i32) -> i32; "loop" (param i32) calls it that many times, each time with what it last gave. */
static const uint8_t loop_module[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x02, 0x10, 0x01,
    0x03, 0x65, 0x6e, 0x76, 0x08, 0x63, 0x61, 0x6c, 0x6c, 0x62, 0x61, 0x63, 0x6b, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00,
    0x07, 0x08, 0x01, 0x04, 0x6c, 0x6f, 0x6f, 0x70, 0x00, 0x01, 0x0a, 0x1a, 0x01, 0x18, 0x01, 0x01, 0x7f, 0x03, 0x40,
    0x20, 0x01, 0x10, 0x00, 0x21, 0x01, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x0b,
};
/* A page of memory with a data segment, a table of four functions, a global; exports "get" (an i32 load), "memory". */
static const uint8_t small_module[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x03, 0x05, 0x04,
    0x00, 0x00, 0x00, 0x00, 0x04, 0x04, 0x01, 0x70, 0x00, 0x04, 0x05, 0x03, 0x01, 0x00, 0x01, 0x06, 0x06, 0x01, 0x7f,
    0x01, 0x41, 0x2a, 0x0b, 0x07, 0x10, 0x02, 0x03, 0x67, 0x65, 0x74, 0x00, 0x00, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72,
    0x79, 0x02, 0x00, 0x09, 0x0a, 0x01, 0x00, 0x41, 0x00, 0x0b, 0x04, 0x00, 0x01, 0x02, 0x03, 0x0a, 0x21, 0x04, 0x07,
    0x00, 0x20, 0x00, 0x28, 0x02, 0x00, 0x0b, 0x07, 0x00, 0x20, 0x00, 0x41, 0x01, 0x6a, 0x0b, 0x07, 0x00, 0x20, 0x00,
    0x41, 0x02, 0x6a, 0x0b, 0x07, 0x00, 0x20, 0x00, 0x41, 0x03, 0x6a, 0x0b, 0x0b, 0x2a, 0x01, 0x00, 0x41, 0x08, 0x0b,
    0x24, 0x64, 0x61, 0x74, 0x61, 0x20, 0x74, 0x68, 0x61, 0x74, 0x20, 0x65, 0x76, 0x65, 0x72, 0x79, 0x20, 0x69, 0x6e,
    0x73, 0x74, 0x61, 0x6e, 0x63, 0x65, 0x20, 0x73, 0x74, 0x61, 0x72, 0x74, 0x73, 0x20, 0x77, 0x69, 0x74, 0x68,
};

static void check(bool ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "failed: %s\n", what);
        _exit(1);
    }
}
#define CHECK(x) check((x), #x)

/* Process time: an engine that compiles in other threads pays for them. */
static double cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static wasm_engine_t *engine;
static wasm_store_t *store;
static wasm_shared_module_t *shared;
static wasm_func_t *nop, *add, *loop, *raw_loop;
static wasm_memory_t *memory;

static wasm_module_t *module_of(wasm_store_t *in, const uint8_t *bytes, size_t size) {
    wasm_byte_vec_t binary = {size, (wasm_byte_t *)bytes};
    wasm_module_t *module = p_wasm_module_new(in, &binary);
    CHECK(module);
    return module;
}
static wasm_instance_t *instance_of(wasm_store_t *in, const wasm_module_t *module, wasm_extern_t *import) {
    wasm_extern_vec_t imports = {import ? 1 : 0, &import};
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = p_wasm_instance_new(in, module, &imports, &trap);
    CHECK(instance && !trap);
    return instance;
}
static wasm_trap_t *callback(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0].kind = WASM_I32;
    results->data[0].of.i32 = args->data[0].of.i32 + 1;
    return NULL;
}

static wasm_trap_t *raw_callback(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)env, (void)caller, (void)capacity;
    values[0].i32++;
    return NULL;
}

/* ---- the figures: each does its work n times ---- */

static void call_nop(uint32_t n) {
    wasm_val_vec_t none = {0, NULL};
    while (n--) CHECK(!p_wasm_func_call(nop, &none, &none));
}
static void call_add(uint32_t n) {
    wasm_val_t args[2] = {{.kind = WASM_I32}, {.kind = WASM_I32}}, results[1] = {{.kind = WASM_I32}};
    wasm_val_vec_t in = {2, args}, out = {1, results};
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        args[0].of.i32 = (int32_t)total, args[1].of.i32 = (int32_t)i;
        CHECK(!p_wasm_func_call(add, &in, &out));
        total = (uint32_t)results[0].of.i32;
    }
    CHECK(total == (uint32_t)((uint64_t)n * (n - 1) / 2));
}
static void call_back(uint32_t n) {
    wasm_val_t args[1] = {{.kind = WASM_I32, .of = {.i32 = (int32_t)n}}}, results[1] = {{.kind = WASM_I32}};
    wasm_val_vec_t in = {1, args}, out = {1, results};
    CHECK(!p_wasm_func_call(loop, &in, &out));
    CHECK(results[0].of.i32 == (int32_t)n);
}
static void call_nop_raw(uint32_t n) {
    while (n--) CHECK(!p_wasmx_func_call_raw(nop, NULL, 0));
}
static void call_add_raw(uint32_t n) {
    wasmx_raw_t values[2];
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        values[0].i32 = (int32_t)total, values[1].i32 = (int32_t)i;
        CHECK(!p_wasmx_func_call_raw(add, values, 2));
        total = (uint32_t)values[0].i32;
    }
    CHECK(total == (uint32_t)((uint64_t)n * (n - 1) / 2));
}
static void call_back_raw(uint32_t n) {
    wasmx_raw_t value = {.i32 = (int32_t)n};
    CHECK(!p_wasmx_func_call_raw(raw_loop, &value, 1));
    CHECK(value.i32 == (int32_t)n);
}
static void read_memory(uint32_t n) {
    uint64_t total = 0;
    while (n--) total += p_wasm_memory_data_size(memory) + (uint8_t)p_wasm_memory_data(memory)[8];
    CHECK(total > 0);
}
static void new_module(uint32_t n) {
    while (n--) p_wasm_module_delete(module_of(store, calls_module, sizeof calls_module));
}
static void new_store(uint32_t n) {
    while (n--) p_wasm_store_delete(p_wasm_store_new(engine));
}
/* As a server does per request: the module is compiled already. */
static void new_instance(uint32_t n) {
    while (n--) {
        wasm_store_t *s = p_wasm_store_new(engine);
        wasm_module_t *module = p_wasm_module_obtain(s, shared);
        wasm_instance_t *instance = instance_of(s, module, NULL);
        p_wasm_instance_delete(instance);
        p_wasm_module_delete(module);
        p_wasm_store_delete(s);
    }
}
/* From bytes to a result, once: what a short script costs. */
static void first_result(uint32_t n) {
    while (n--) {
        wasm_store_t *s = p_wasm_store_new(engine);
        wasm_module_t *module = module_of(s, small_module, sizeof small_module);
        wasm_instance_t *instance = instance_of(s, module, NULL);
        wasm_extern_vec_t exports;
        p_wasm_instance_exports(instance, &exports);
        wasm_val_t args[1] = {{.kind = WASM_I32, .of = {.i32 = 8}}}, results[1] = {{.kind = WASM_I32}};
        wasm_val_vec_t in = {1, args}, out = {1, results};
        CHECK(!p_wasm_func_call(p_wasm_extern_as_func(exports.data[0]), &in, &out));
        CHECK(results[0].of.i32 == 0x61746164);
        p_wasm_extern_vec_delete(&exports);
        p_wasm_instance_delete(instance);
        p_wasm_module_delete(module);
        p_wasm_store_delete(s);
    }
}
static void new_engine(uint32_t n) {
    while (n--) p_wasm_engine_delete(p_wasm_engine_new());
}

static const struct {
    const char *name;
    void (*work)(uint32_t n);
    bool raw; /* needs the extensions */
} figures[] = {
    {"wasm_func_call () -> ()", call_nop, false},
    {"wasm_func_call (i32 i32) -> i32", call_add, false},
    {"host callback (i32) -> i32", call_back, false},
    {"wasmx_func_call_raw () -> ()", call_nop_raw, true},
    {"wasmx_func_call_raw (i32 i32)->i32", call_add_raw, true},
    {"raw callback (i32) -> i32", call_back_raw, true},
    {"wasm_memory_data + size", read_memory, false},
    {"wasm_module_new, tiny", new_module, false},
    {"wasm_store_new", new_store, false},
    {"store + instance, module shared", new_instance, false},
    {"bytes to first result", first_result, false},
    {"wasm_engine_new", new_engine, false},
};
enum { FIGURES = sizeof figures / sizeof figures[0], LIBRARIES = 8, ROUNDS = 64 };

static void set_up(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) fprintf(stderr, "%s\n", dlerror());
    check(library != NULL, path);
#define FIND(name) CHECK((p_##name = (__typeof__(name) *)dlsym(library, #name)) != NULL);
    FUNCTIONS(FIND)
#define LOOK_FOR(name) p_##name = (__typeof__(name) *)dlsym(library, #name);
    EXTENSIONS(LOOK_FOR)
    engine = p_wasm_engine_new();
    store = p_wasm_store_new(engine);
    wasm_extern_vec_t exports;
    wasm_module_t *calls = module_of(store, calls_module, sizeof calls_module);
    p_wasm_instance_exports(instance_of(store, calls, NULL), &exports);
    nop = p_wasm_extern_as_func(exports.data[0]), add = p_wasm_extern_as_func(exports.data[1]);
    if (p_wasm_func_param_arity(nop) != 0) { /* one peer sorts exports by name */
        wasm_func_t *first = nop;
        nop = add, add = first;
    }

    wasm_valtype_t *one[] = {p_wasm_valtype_new(WASM_I32)}, *other[] = {p_wasm_valtype_new(WASM_I32)};
    wasm_valtype_vec_t params, results;
    p_wasm_valtype_vec_new(&params, 1, one), p_wasm_valtype_vec_new(&results, 1, other);
    wasm_functype_t *type = p_wasm_functype_new(&params, &results);
    wasm_extern_t *import = p_wasm_func_as_extern(p_wasm_func_new(store, type, callback));
    wasm_extern_vec_t loop_exports;
    wasm_module_t *looping = module_of(store, loop_module, sizeof loop_module);
    p_wasm_instance_exports(instance_of(store, looping, import), &loop_exports);
    loop = p_wasm_extern_as_func(loop_exports.data[0]);
    if (p_wasmx_func_new_raw) {
        import = p_wasm_func_as_extern(p_wasmx_func_new_raw(store, type, raw_callback, NULL, NULL));
        p_wasm_instance_exports(instance_of(store, looping, import), &loop_exports);
        raw_loop = p_wasm_extern_as_func(loop_exports.data[0]);
    }
    p_wasm_functype_delete(type);

    wasm_module_t *small = module_of(store, small_module, sizeof small_module);
    shared = p_wasm_module_share(small);
    wasm_extern_vec_t small_exports;
    p_wasm_instance_exports(instance_of(store, small, NULL), &small_exports);
    memory = p_wasm_extern_as_memory(small_exports.data[1]);
}
/* Nanoseconds per turn: the number of turns grows until they take a twentieth of a second. */
static double measure(void (*work)(uint32_t)) {
    for (uint32_t n = 1;; n *= 4) {
        double start = cpu_ns();
        work(n);
        double spent = cpu_ns() - start;
        if (spent > 5e7 || n >= 1u << 28) return spent / n;
    }
}
static bool measure_all(const char *path, double *out) {
    int ends[2];
    if (pipe(ends)) return false;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        set_up(path);
        for (int i = 0; i < FIGURES; i++) {
            bool can = !figures[i].raw || (p_wasmx_func_call_raw && p_wasmx_func_new_raw);
            double ns = can ? measure(figures[i].work) : NAN;
            if (write(ends[1], &ns, sizeof ns) != sizeof ns) _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    for (int i = 0; i < FIGURES; i++) out[i] = NAN;
    for (int i = 0; i < FIGURES && read(ends[0], &out[i], sizeof out[i]) == sizeof out[i]; i++) {}
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    return status == 0;
}
static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int main(int argc, char **argv) {
    static double all[LIBRARIES][FIGURES][ROUNDS];
    int rounds = 5, first = 1;
    if (argc > 2 && strcmp(argv[1], "--rounds") == 0) rounds = atoi(argv[2]), first = 3;
    int count = argc - first;
    if (count < 1 || count > LIBRARIES || rounds < 1 || rounds > ROUNDS) {
        fprintf(stderr, "usage: embed [--rounds N] LIBRARY...\n");
        return 2;
    }
    int failures = 0;
    for (int round = 0; round < rounds; round++) {
        for (int k = 0; k < count; k++) {
            int at = (k + round) % count;
            double figure[FIGURES];
            if (!measure_all(argv[first + at], figure)) {
                failures++;
                fprintf(stderr, "%s did not finish\n", argv[first + at]);
            }
            for (int i = 0; i < FIGURES; i++) all[at][i][round] = figure[i];
        }
    }
    printf("nanoseconds of CPU, median of %d; then the first over the others\n\n%-34s", rounds, "");
    for (int k = 0; k < count; k++) printf("%18s", file_name(argv[first + k]));
    for (int k = 1; k < count; k++) printf("  /%15s", file_name(argv[first + k]));
    printf("\n");
    for (int i = 0; i < FIGURES; i++) {
        double medians[LIBRARIES];
        printf("%-34s", figures[i].name);
        for (int k = 0; k < count; k++) {
            double *v = all[k][i];
            int n = 0;
            for (int r = 0; r < rounds; r++)
                if (v[r] == v[r]) v[n++] = v[r];
            qsort(v, (size_t)n, sizeof *v, ascending);
            medians[k] = n ? (v[(n - 1) / 2] + v[n / 2]) / 2 : NAN;
            printf("%18.1f", medians[k]);
        }
        for (int k = 1; k < count; k++) printf("%18.3f", medians[0] / medians[k]);
        printf("\n");
    }
    return failures ? 1 : 0;
}
