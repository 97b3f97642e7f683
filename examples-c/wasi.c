/* WASI: runs an ordinary C program as a guest, from plain wasm.h, and decides what it may see.
 *
 * The guest, guests/count.c, counts words in files, and is compiled like any other program. Nothing is allowed that the
 * configuration does not say: no files, no variables, no output but what the host collects. */
#include "example.h"
#include "wasi.h"

/* Reads what the guest has written, in pieces. */
static void print_output(const char *name, wasi_env_t *env, size_t (*read)(wasi_env_t *, char *, size_t)) {
    char buffer[64];
    bool at_start = true;
    for (size_t n; (n = read(env, buffer, sizeof buffer)) > 0;) {
        for (size_t i = 0; i < n; i++) {
            if (at_start) printf("  %s: ", name);
            putchar(buffer[i]);
            at_start = buffer[i] == '\n';
        }
    }
}

/* Runs the program once, in a store of its own. Takes over the configuration. */
static void run(wasm_engine_t *engine, wasi_config_t *config) {
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "count.wasm");
    wasi_env_t *env = wasi_env_new(store, config);

    wasm_extern_vec_t imports; /* a function of WASI for each import; a host may fill in others of its own */
    if (!wasi_get_imports(store, env, module, &imports)) die("the imports");
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
    wasm_extern_vec_delete(&imports);
    if (!instance) die("the instance");

    wasm_func_t *start = wasi_get_start_function(instance);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    wasm_trap_t *trap = wasm_func_call(start, &none, &none);
    int status = 0; /* of a program that returns */
    bool exited = wasi_env_exit_code(env, &status);

    print_output("stdout", env, wasi_env_read_stdout);
    print_output("stderr", env, wasi_env_read_stderr);
    if (trap && exited)
        wasm_trap_delete(trap); /* proc_exit ends the call with a trap that is no failure */
    else if (trap)
        print_trap("  ", trap);
    printf("  exit status %d\n", status);

    wasm_func_delete(start);
    wasm_instance_delete(instance);
    wasi_env_delete(env);
    wasm_module_delete(module);
    wasm_store_delete(store);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();

    printf("words on standard input\n");
    wasi_config_t *config = wasi_config_new();
    wasm_byte_vec_t input;
    wasm_byte_vec_new(&input, 22, "what the host has said");
    wasi_config_set_stdin_bytes(config, &input); /* takes over the bytes */
    run(engine, config);

    printf("files, arguments and a variable\n");
    config = wasi_config_new();
    const char *arguments[] = {"count", "/texts/one.txt", "/texts/two.txt"};
    wasi_config_set_argv(config, 3, arguments);
    wasi_config_set_env(config, 1, (const char *[]){"USER_NAME"}, (const char *[]){"somebody"});
    if (!wasi_config_preopen_dir(config, "examples-c/guests/data", "/texts", false)) die("the directory");
    run(engine, config);

    printf("without that directory\n");
    config = wasi_config_new();
    wasi_config_set_argv(config, 3, arguments);
    run(engine, config);

    printf("a way out of the directory\n");
    config = wasi_config_new();
    const char *outside[] = {"count", "/texts/../count.c", "/etc/passwd"};
    wasi_config_set_argv(config, 3, outside);
    if (!wasi_config_preopen_dir(config, "examples-c/guests/data", "/texts", false)) die("the directory");
    run(engine, config);

    wasm_engine_delete(engine);
    return 0;
}
