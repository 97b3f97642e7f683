/* WASI through plain wasm.h: what a configuration gives to a guest, how a program ends, and what is refused. */
#define _GNU_SOURCE
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Exports of wasi.wat by their places. */
enum { MEMORY, PUT, START, EXIT, TRAP, TIME, RANDOM, MAKE, SERVE };

static wasm_engine_t *engine;

typedef struct {
    wasm_store_t *store;
    wasi_env_t *env;
    wasm_instance_t *instance;
} guest_t;

/* A guest of wasi.wat. Uses up the configuration. */
static guest_t guest(wasi_config_t *config) {
    guest_t g = {wasm_store_new(engine), NULL, NULL};
    CHECK(g.store != NULL);
    g.env = wasi_env_new(g.store, config);
    CHECK(g.env != NULL);
    wasm_module_t *module = MODULE(g.store, wasi_wasm);
    CHECK_INT(wasi_get_wasi_version(module), WASI_SNAPSHOT1);
    wasm_extern_vec_t imports;
    CHECK(wasi_get_imports(g.store, g.env, module, &imports));
    for (size_t i = 0; i < imports.size; i++) CHECK(imports.data[i] != NULL);
    g.instance = link_module(g.store, module, imports.size, imports.data);
    wasm_extern_vec_delete(&imports);
    wasm_module_delete(module);
    CHECK(wasi_env_initialize_instance(g.env, g.store, g.instance));
    return g;
}

static void end(guest_t g) {
    wasm_instance_delete(g.instance);
    wasi_env_delete(g.env);
    wasm_store_delete(g.store);
}

/* Calls an export; what it traps with, or NULL. */
static wasm_trap_t *call_export(guest_t g, size_t index, size_t argc, wasm_val_t *args, wasm_val_t *result) {
    wasm_func_t *func = export_func(g.instance, index);
    wasm_trap_t *trap = call(func, argc, args, result ? 1 : 0, result);
    wasm_func_delete(func);
    return trap;
}

static int64_t number(guest_t g, size_t index, size_t argc, wasm_val_t *args) {
    wasm_val_t result = WASM_INIT_VAL;
    CHECK(call_export(g, index, argc, args, &result) == NULL);
    return result.kind == WASM_I32 ? result.of.i32 : result.of.i64;
}

static int put(guest_t g, int fd, int at, int len) {
    wasm_val_t args[] = {i32_val(fd), i32_val(at), i32_val(len)};
    return (int)number(g, PUT, 3, args);
}

static void start(guest_t g) {
    wasm_func_t *func = wasi_get_start_function(g.instance);
    CHECK(func != NULL);
    CALL_0(func);
    wasm_func_delete(func);
}

static bool out_is(wasi_env_t *env, const char *bytes, size_t size) {
    char found[4096];
    size_t n = wasi_env_read_stdout(env, found, sizeof found);
    if (n != size || memcmp(found, bytes, size) != 0) {
        fprintf(stderr, "  found %zu bytes: %.*s\n", n, (int)n, found);
        return false;
    }
    return wasi_env_read_stdout(env, found, sizeof found) == 0;
}

#define OUT_IS(env, literal) CHECK(out_is(env, literal, sizeof(literal) - 1))

/* ---------------------------------------------------------------- arguments, environment, streams */

static void arguments(void) {
    wasi_config_t *config = wasi_config_new();
    CHECK(config != NULL);
    const char *argv[] = {"prog\xff", "", "a b=c\n"}, *holes[] = {"x", NULL};
    const char *names[] = {"A", "B\xfe", "A"}, *values[] = {"1", "", "three=3"};
    CHECK(wasi_config_set_argv(config, 3, argv));
    CHECK(!wasi_config_set_argv(config, 2, holes));
    CHECK(!wasi_config_set_argv(config, 1, NULL));
    CHECK(!wasi_config_set_argv(NULL, 3, argv));
    CHECK(wasi_config_set_env(config, 3, names, values));
    CHECK(!wasi_config_set_env(config, 2, names, holes));
    CHECK(!wasi_config_set_env(config, 1, NULL, values));
    CHECK(!wasi_config_set_env(config, 1, (const char *[]){""}, values));
    CHECK(!wasi_config_set_env(config, 1, (const char *[]){"A=B"}, values));
    CHECK(wasi_config_set_env(config, 0, NULL, NULL));
    guest_t g = guest(config);
    start(g);
    OUT_IS(g.env, "prog\xff\0\0a b=c\n\0A=three=3\0B\xfe=\0");
    int code = 77;
    CHECK(!wasi_env_exit_code(g.env, &code));
    CHECK_INT(code, 77);
    end(g);

    /* No arguments at all, then those of this process. */
    g = guest(NULL);
    start(g);
    OUT_IS(g.env, "");
    end(g);
    config = wasi_config_new();
    CHECK(wasi_config_set_argv(config, 0, NULL));
    wasi_config_inherit_argv(config);
    setenv("WASI_C_TEST", "here", 1);
    wasi_config_inherit_env(config);
    wasmx_wasi_config_set_capture_limit(config, 1 << 16);
    g = guest(config);
    start(g);
    static char text[1 << 16];
    size_t size = wasi_env_read_stdout(g.env, text, sizeof text);
    CHECK(size > 0 && strstr(text, "wasi") != NULL);
    bool found = false;
    for (size_t i = 0; i + 16 < size; i++) found |= memcmp(text + i, "WASI_C_TEST=here", 17) == 0;
    CHECK(found);
    end(g);
}

typedef struct {
    char text[64];
    size_t size, most;
    ptrdiff_t answer;
    int finalized;
} sink_t;

static ptrdiff_t sink(void *data, const unsigned char *bytes, size_t size) {
    sink_t *s = data;
    if (s->answer) return s->answer;
    if (size > s->most) size = s->most;
    memcpy(s->text + s->size, bytes, size);
    s->size += size;
    return (ptrdiff_t)size;
}

static void sink_done(void *data) { ((sink_t *)data)->finalized++; }

static void streams(void) {
    /* Bytes in, callbacks out. */
    sink_t out = {.most = 64}, err = {.most = 64}, unused = {.most = 1};
    wasi_config_t *config = wasi_config_new();
    wasm_byte_vec_t bytes;
    wasm_byte_vec_new(&bytes, 5, "ab\0cd");
    wasi_config_set_stdin_bytes(config, &bytes);
    CHECK(bytes.size == 0 && bytes.data == NULL);
    wasi_config_set_stdout_custom(config, sink, &unused, sink_done);
    wasi_config_set_stdout_custom(config, sink, &out, sink_done);
    CHECK_INT(unused.finalized, 1);
    wasi_config_set_stderr_custom(config, sink, &err, sink_done);
    wasi_config_set_stdout_custom(config, NULL, &out, sink_done);
    wasi_config_set_stdout_custom(NULL, sink, &out, sink_done);
    wasi_config_set_stderr_custom(config, NULL, &err, sink_done);
    CHECK_INT(out.finalized, 0);
    CHECK(wasi_config_set_argv(config, 1, (const char *[]){"hello"}));
    guest_t g = guest(config);
    start(g);
    CHECK_INT(out.size, 6);
    CHECK(memcmp(out.text, "hello", 6) == 0);
    CHECK_INT(err.size, 5);
    CHECK(memcmp(err.text, "ab\0cd", 5) == 0);
    char none[4];
    CHECK_INT(wasi_env_read_stdout(g.env, none, 4), 0);
    CHECK_INT(wasi_env_read_stderr(g.env, none, 4), 0);
    /* Errors of the callback's: EIO is 29 in WASI, EPIPE 64; nothing taken is an error, and too much is not believed. */
    out.answer = -EIO;
    CHECK_INT(put(g, 1, 512, 4), 29);
    out.answer = -EPIPE;
    CHECK_INT(put(g, 1, 512, 4), 64);
    out.answer = PTRDIFF_MIN;
    CHECK_INT(put(g, 1, 512, 4), 29);
    out.answer = 1000;
    CHECK_INT(put(g, 1, 512, 4), 0);
    out.answer = 0;
    out.most = 0;
    CHECK_INT(put(g, 1, 512, 4), 29);
    CHECK_INT(put(g, 1, 512, 0), 0);
    CHECK_INT(put(g, 0, 512, 4), 8);
    CHECK_INT(put(g, 9, 512, 4), 8);
    CHECK_INT(put(g, 1, 131072, 1), 21);
    CHECK_INT(put(g, 1, -1, -1), 21);
    CHECK_INT(out.finalized, 0);
    wasi_env_delete(g.env);
    CHECK_INT(out.finalized, 1);
    CHECK_INT(err.finalized, 1);
    /* The guest outlives its environment, with nothing open. */
    CHECK_INT(put(g, 1, 512, 4), 8);
    wasm_instance_delete(g.instance);
    wasm_store_delete(g.store);

    /* A configuration that is never used finalizes as well. */
    config = wasi_config_new();
    wasi_config_set_stderr_custom(config, sink, &unused, sink_done);
    wasi_config_delete(config);
    CHECK_INT(unused.finalized, 2);

    /* What is captured, in pieces, and no more than the limit; standard error as well. */
    config = wasi_config_new();
    wasmx_wasi_config_set_capture_limit(config, 6);
    wasi_config_set_stdin_bytes(config, NULL);
    g = guest(config);
    CHECK_INT(put(g, 1, 512, 4), 0);
    CHECK_INT(put(g, 1, 512, 4), 0);
    CHECK_INT(put(g, 2, 512, 4), 0);
    char text[8] = "";
    CHECK_INT(wasi_env_read_stdout(g.env, text, 4), 4);
    CHECK(memcmp(text, "made", 4) == 0);
    CHECK_INT(wasi_env_read_stdout(g.env, NULL, 4), 0);
    CHECK_INT(wasi_env_read_stdout(g.env, text, 0), 0);
    CHECK_INT(wasi_env_read_stdout(g.env, text, SIZE_MAX), 2);
    CHECK_INT(wasi_env_read_stderr(g.env, text, 8), 4);
    CHECK_INT(wasi_env_read_stdout(NULL, text, 8), 0);
    CHECK_INT(wasi_env_read_stderr(NULL, text, 8), 0);
    end(g);

    /* This process's own streams. */
    config = wasi_config_new();
    wasi_config_inherit_stdin(config);
    wasi_config_inherit_stdout(config);
    wasi_config_inherit_stderr(config);
    fflush(stdout);
    g = guest(config);
    CHECK_INT(put(g, 1, 512, 4), 0);
    CHECK_INT(put(g, 2, 512, 4), 0);
    end(g);
}

/* ---------------------------------------------------------------- files */

static char folder[] = "/tmp/libwasm_wasi_XXXXXX";

static const char *in_folder(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(in_folder(name), "w");
    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void file_is(const char *name, const char *text, size_t size) {
    char found[64];
    FILE *file = fopen(in_folder(name), "r");
    CHECK(file != NULL);
    size_t n = fread(found, 1, sizeof found, file);
    fclose(file);
    CHECK_INT(n, size);
    CHECK(memcmp(found, text, size) == 0);
}

static void files(void) {
    CHECK(mkdtemp(folder) != NULL);
    write_file("in", "input");
    wasi_config_t *config = wasi_config_new();
    CHECK(!wasi_config_set_stdin_file(config, in_folder("absent")));
    CHECK(strstr(wasmx_last_error(), "absent") != NULL);
    CHECK(!wasi_config_set_stdin_file(config, NULL));
    CHECK(!wasi_config_set_stdin_file(NULL, "x"));
    CHECK(wasi_config_set_stdin_file(config, in_folder("in")));
    CHECK(!wasi_config_set_stdout_file(config, in_folder("absent/out")));
    CHECK(!wasi_config_set_stdout_file(config, NULL));
    CHECK(wasi_config_set_stdout_file(config, in_folder("out")));
    CHECK(!wasi_config_set_stderr_file(config, in_folder("absent/err")));
    CHECK(!wasi_config_set_stderr_file(config, NULL));
    CHECK(wasi_config_set_stderr_file(config, in_folder("err")));
    CHECK(wasi_config_set_argv(config, 1, (const char *[]){"file"}));
    guest_t g = guest(config);
    start(g);
    CHECK_INT(number(g, MAKE, 0, NULL), 8);
    end(g);
    file_is("out", "file", 5);
    file_is("err", "input", 5);

    /* A directory: for reading, for writing, and with single permissions. ENOTDIR is 54, EPERM 63, EROFS 69. */
    config = wasi_config_new();
    CHECK(!wasi_config_preopen_dir(config, in_folder("absent"), "/", true));
    CHECK(!wasi_config_preopen_dir(config, in_folder("in"), "/", true));
    CHECK(!wasi_config_preopen_dir(config, NULL, "/", true));
    CHECK(!wasi_config_preopen_dir(config, folder, NULL, true));
    CHECK(!wasi_config_preopen_dir(NULL, folder, "/", true));
    CHECK(wasi_config_preopen_dir(config, folder, "/", true));
    wasmx_wasi_config_set_max_fds(config, 5);
    g = guest(config);
    CHECK_INT(number(g, MAKE, 0, NULL), 0);
    CHECK_INT(number(g, MAKE, 0, NULL), 33);
    end(g);
    file_is("made", "", 0);
    CHECK_INT(unlink(in_folder("made")), 0);

    config = wasi_config_new();
    CHECK(wasi_config_preopen_dir(config, folder, "/", false));
    g = guest(config);
    int64_t refused = number(g, MAKE, 0, NULL);
    CHECK(refused == 63 || refused == 69 || refused == 76);
    CHECK(access(in_folder("made"), F_OK) != 0);
    end(g);

    config = wasi_config_new();
    CHECK(!wasmx_wasi_config_preopen_dir(config, folder, "/", 8));
    CHECK(!wasmx_wasi_config_preopen_dir(config, NULL, "/", WASMX_WASI_READ));
    CHECK(!wasmx_wasi_config_preopen_dir(NULL, folder, "/", WASMX_WASI_READ));
    CHECK(wasmx_wasi_config_preopen_dir(config, folder, "/", WASMX_WASI_READ | WASMX_WASI_WRITE));
    g = guest(config);
    CHECK_INT(number(g, MAKE, 0, NULL), 63);
    end(g);
    config = wasi_config_new();
    CHECK(wasmx_wasi_config_preopen_dir(config, folder, "/", WASMX_WASI_READ | WASMX_WASI_WRITE | WASMX_WASI_CHANGE));
    g = guest(config);
    CHECK_INT(number(g, MAKE, 0, NULL), 0);
    end(g);
    unlink(in_folder("made"));
    unlink(in_folder("in"));
    unlink(in_folder("out"));
    unlink(in_folder("err"));
    CHECK_INT(rmdir(folder), 0);
}

/* ---------------------------------------------------------------- ends */

static void ends(void) {
    guest_t g = guest(NULL);
    int code = 0;
    wasm_val_t three = i32_val(3), minus = i32_val(-1);
    CHECK_TRAP(call_export(g, TRAP, 0, NULL, NULL), "unreachable");
    CHECK(!wasi_env_exit_code(g.env, &code));
    CHECK_TRAP(call_export(g, EXIT, 1, &three, NULL), "exited with status 3");
    CHECK(wasi_env_exit_code(g.env, &code));
    CHECK_INT(code, 3);
    CHECK(wasi_env_exit_code(g.env, NULL));
    /* The guest can be called again, and exit again. */
    CHECK_INT(put(g, 1, 512, 4), 0);
    CHECK_TRAP(call_export(g, EXIT, 1, &minus, NULL), "exited");
    CHECK(wasi_env_exit_code(g.env, &code));
    CHECK_INT(code, -1);
    CHECK(!wasi_env_exit_code(NULL, &code));
    end(g);

    /* The store goes first: the environment keeps it. */
    g = guest(NULL);
    wasm_store_delete(g.store);
    CHECK_INT(put(g, 1, 512, 4), 0);
    wasm_instance_delete(g.instance);
    OUT_IS(g.env, "made");
    wasi_env_delete(g.env);
    wasi_env_delete(NULL);
    wasi_config_delete(NULL);
}

/* ---------------------------------------------------------------- linking */

static int marked = -1;

static wasm_trap_t *mark(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)results;
    marked = args->data[0].of.i32;
    return NULL;
}

static void linking(void) {
    wasm_store_t *store = wasm_store_new(engine), *other = wasm_store_new(engine);
    wasi_env_t *env = wasi_env_new(store, NULL);
    CHECK(wasi_env_new(NULL, wasi_config_new()) == NULL);

    /* A reactor, whose second import is the host's. */
    wasm_module_t *module = MODULE(store, wasi_reactor_wasm);
    wasm_extern_vec_t imports = WASM_EMPTY_VEC;
    CHECK(!wasi_get_imports(other, env, module, &imports));
    CHECK(strstr(wasmx_last_error(), "another store") != NULL);
    CHECK(!wasi_get_imports(NULL, env, module, &imports));
    CHECK(!wasi_get_imports(store, NULL, module, &imports));
    CHECK(!wasi_get_imports(store, env, NULL, &imports));
    CHECK(!wasi_get_imports(store, env, module, NULL));
    CHECK_INT(imports.size, 0);
    CHECK(wasi_get_imports(store, env, module, &imports));
    CHECK_INT(imports.size, 3);
    CHECK(imports.data[0] != NULL && imports.data[1] == NULL && imports.data[2] != NULL);
    wasm_trap_t *trap = NULL;
    CHECK(wasm_instance_new(store, module, &imports, &trap) == NULL);
    wasm_trap_delete(trap);
    wasm_func_t *func = host_func(store, wasm_functype_new_1_0(wasm_valtype_new_i32()), mark);
    imports.data[1] = wasm_extern_copy(wasm_func_as_extern(func));
    wasm_instance_t *instance = link_module(store, module, imports.size, imports.data);
    CHECK(!wasi_env_initialize_instance(NULL, store, instance));
    CHECK(!wasi_env_initialize_instance(env, NULL, instance));
    CHECK(!wasi_env_initialize_instance(env, store, NULL));
    CHECK(!wasi_env_initialize_instance(env, other, instance));
    CHECK(wasi_env_initialize_instance(env, store, instance));
    CHECK_INT(marked, 0);
    wasm_func_t *count = export_func(instance, 2);
    CHECK_INT(GET_I32(count), 1);
    CHECK(wasi_get_start_function(instance) == NULL);
    CHECK(wasi_get_start_function(NULL) == NULL);
    wasm_func_delete(count);
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    wasm_extern_vec_delete(&imports);
    wasm_module_delete(module);

    /* A wrong type is told with its name. */
    module = MODULE(store, wasi_wrong_wasm);
    CHECK(!wasi_get_imports(store, env, module, &imports));
    CHECK(strstr(wasmx_last_error(), "fd_close") != NULL);
    CHECK(imports.size == 0 && imports.data == NULL);
    wasm_module_delete(module);

    /* Snapshot 0; and functions need the memory of their caller. */
    module = MODULE(store, wasi_old_wasm);
    CHECK_INT(wasi_get_wasi_version(module), WASI_SNAPSHOT0);
    CHECK(wasi_get_imports(store, env, module, &imports));
    instance = link_module(store, module, imports.size, imports.data);
    CHECK(!wasi_env_initialize_instance(env, store, instance));
    CHECK(strstr(wasmx_last_error(), "memory") != NULL);
    func = wasi_get_start_function(instance);
    CHECK_TRAP(call(func, 0, NULL, 0, NULL), "no memory named \"memory\"");
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    /* Called by the host itself, which has no memory at all. */
    CHECK_TRAP(CALL_TRAP(wasm_extern_as_func(imports.data[0]), 1, i32_val(0), i32_val(1)), "no memory");
    wasm_extern_vec_delete(&imports);
    wasm_module_delete(module);

    module = MODULE(store, empty_wasm);
    CHECK_INT(wasi_get_wasi_version(module), WASI_INVALID_VERSION);
    CHECK_INT(wasi_get_wasi_version(NULL), WASI_INVALID_VERSION);
    CHECK(wasi_get_imports(store, env, module, &imports));
    CHECK_INT(imports.size, 0);
    wasm_module_delete(module);
    wasi_env_delete(env);
    wasm_store_delete(store);
    wasm_store_delete(other);
}

/* ---------------------------------------------------------------- determinism, sockets */

static void determinism(void) {
    int64_t first = 0;
    for (int i = 0; i < 2; i++) {
        wasi_config_t *config = wasi_config_new();
        wasmx_wasi_config_set_virtual_clock(config, 1000, 10);
        wasmx_wasi_config_set_random_seed(config, 42);
        guest_t g = guest(config);
        wasm_val_t real = i32_val(0), monotonic = i32_val(1);
        CHECK_INT(number(g, TIME, 1, &real), 1000);
        CHECK_INT(number(g, TIME, 1, &monotonic), 10);
        int64_t random = number(g, RANDOM, 0, NULL);
        if (i == 0) first = random;
        CHECK_INT(random, first);
        CHECK(random != number(g, RANDOM, 0, NULL));
        end(g);
    }
    wasmx_wasi_config_set_virtual_clock(NULL, 0, 0);
    wasmx_wasi_config_set_random_seed(NULL, 0);
    wasmx_wasi_config_set_max_fds(NULL, 0);
    wasmx_wasi_config_set_capture_limit(NULL, 0);
    wasmx_wasi_config_allow_threads(NULL, 0);
    wasi_config_inherit_network(NULL);
    wasi_config_allow_ip_name_lookup(NULL, true);
    wasi_config_inherit_argv(NULL);
    wasi_config_inherit_env(NULL);
    wasi_config_inherit_stdin(NULL);
    wasi_config_inherit_stdout(NULL);
    wasi_config_inherit_stderr(NULL);
}

static int connect_to(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_INT(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void sockets(void) {
    wasi_config_t *config = wasi_config_new();
    wasi_config_inherit_network(config);
    wasi_config_allow_ip_name_lookup(config, true);
    uint16_t port = 0;
    CHECK(!wasmx_wasi_config_preopen_listener(config, "nowhere", &port));
    CHECK(!wasmx_wasi_config_preopen_listener(config, "\xff:1", &port));
    CHECK(!wasmx_wasi_config_preopen_listener(config, NULL, &port));
    CHECK(!wasmx_wasi_config_preopen_listener(NULL, "127.0.0.1:0", &port));
    CHECK(wasmx_wasi_config_preopen_listener(config, "127.0.0.1:0", &port));
    CHECK(port != 0);
    guest_t g = guest(config);
    char text[8];
    for (int i = 0; i < 2; i++) {
        int fd = connect_to(port);
        CHECK_INT(number(g, SERVE, 0, NULL), 0);
        CHECK_INT(read(fd, text, sizeof text), 4);
        CHECK(memcmp(text, "made", 4) == 0);
        CHECK_INT(read(fd, text, sizeof text), 0);
        close(fd);
    }
    end(g);

    /* Sockets that the host has opened: a connected pair, and what is none. */
    int pair[2], pipes[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK_INT(pipe(pipes), 0);
    config = wasi_config_new();
    CHECK(!wasmx_wasi_config_preopen_socket(config, pipes[0]));
    CHECK(!wasmx_wasi_config_preopen_socket(config, -1));
    CHECK(!wasmx_wasi_config_preopen_socket(NULL, pair[0]));
    CHECK(wasmx_wasi_config_preopen_socket(config, pair[0]));
    close(pipes[0]);
    close(pipes[1]);
    g = guest(config);
    CHECK_INT(number(g, SERVE, 0, NULL), 28);
    CHECK_INT(put(g, 3, 512, 4), 0);
    CHECK_INT(read(pair[1], text, sizeof text), 4);
    end(g);
    CHECK_INT(read(pair[1], text, sizeof text), 0);
    close(pair[1]);
}

int main(void) {
    engine = wasm_engine_new();
    CHECK(engine != NULL);
    arguments();
    streams();
    files();
    ends();
    linking();
    determinism();
    sockets();
    wasm_engine_delete(engine);
    return done();
}
