/* What profilers and debuggers are told of machine code: names, places, and refusals. */
#include "check.h"

#include <unistd.h>

/* The whole of a file, or NULL. */
static char *contents(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    static char buffer[1 << 20];
    *size = fread(buffer, 1, sizeof buffer - 1, file);
    buffer[*size] = 0;
    fclose(file);
    return buffer;
}

static bool error_says(const char *part) {
    const char *why = wasmx_last_error();
    return why && strstr(why, part);
}

static wasm_trap_t *host(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = args->data[0];
    return NULL;
}

static void run(wasm_engine_t *engine) {
    wasm_store_t *store = wasm_store_new(engine);
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *callback = host_func(store, type, host);
    wasm_instance_t *instance = INSTANCE(store, ext_tier_wasm, wasm_func_as_extern(callback));
    wasm_func_t *fib = export_func(instance, 1);
    CHECK_INT(CALL_I32(fib, i32_val(15)), 610);
    wasm_func_delete(fib);
    wasm_instance_delete(instance);
    wasm_func_delete(callback);
    wasm_store_delete(store);
}

int main(void) {
    wasm_config_t *config = wasm_config_new();
    CHECK(!wasmx_config_set_profile(NULL, WASMX_PROFILE_GDB, NULL));
    CHECK(error_says("the configuration is NULL"));
    CHECK(!wasmx_config_set_profile(config, 8, NULL));
    CHECK(error_says("there is no kind of profile 0x8"));
    CHECK(wasmx_config_set_profile(config, 0, NULL));
    wasmx_config_set_unwind_tables(NULL, true);
    wasmx_config_set_unwind_tables(config, false);
    wasmx_config_set_unwind_tables(config, true);
    CHECK(wasmx_profile_check());

    bool supported = wasmx_config_set_profile(config, WASMX_PROFILE_GDB, NULL);
    CHECK(supported || !getenv("MACHINE_CODE"));
    if (!supported) {
        CHECK(error_says("the library has nothing to tell profilers"));
        wasm_config_delete(config);
        return done();
    }
    CHECK(!wasmx_config_set_profile(config, WASMX_PROFILE_JITDUMP, "/no/such/directory"));
    CHECK(error_says("cannot write /no/such/directory/jit-"));
    CHECK(wasmx_profile_check());

    uint8_t all = WASMX_PROFILE_GDB | WASMX_PROFILE_JITDUMP | WASMX_PROFILE_PERF_MAP;
    CHECK(wasmx_config_set_profile(config, all, "/tmp"));
    CHECK(wasmx_config_set_tier(config, WASMX_TIER_EAGER));
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    for (int i = 0; i < 3; i++) run(engine);
    wasm_engine_delete(engine);
    CHECK(wasmx_profile_check());

    char path[64];
    size_t size;
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    char *text = contents(path, &size);
    CHECK(text && strstr(text, " wasm!fib\n") && strstr(text, " wasm entries and exits\n"));
    CHECK_INT(unlink(path), 0);
    snprintf(path, sizeof path, "/tmp/jit-%d.dump", (int)getpid());
    text = contents(path, &size);
    CHECK(text && size > 40 && memcmp(text, "DTiJ\1\0\0\0", 8) == 0);
    /* Records follow each other to the end; the last two words before a name are the size of the code and its number. */
    bool found = false;
    uint64_t number = 0;
    for (size_t at = 40; text && at < size;) {
        uint32_t kind, length;
        uint64_t code_size, index;
        memcpy(&kind, text + at, 4), memcpy(&length, text + at + 4, 4);
        memcpy(&code_size, text + at + 40, 8), memcpy(&index, text + at + 48, 8);
        CHECK_INT(kind, 0);
        CHECK_INT(index, number++);
        CHECK_INT(length, 56 + strlen(text + at + 56) + 1 + code_size);
        found = found || strcmp(text + at + 56, "wasm!fib") == 0;
        at += length;
        CHECK(at <= size);
        if (length == 0) break;
    }
    CHECK(found);
    CHECK_INT(unlink(path), 0);
    return done();
}
