/* Plugins, as a game would have them: rules that are loaded at run time, called 60 times a second within a budget, and
 * replaced while the game goes on.
 *
 * - A plugin is a module with the exports `state`, `init`, `resume` and `tick`; see guests/plugin.c.
 * - Each tick has a deadline, so a plugin that hangs costs a frame, not the game. After a trap the instance is thrown away,
 *   because nobody knows in which state it is: the next frame starts from the picture of the last good one.
 * - The picture is the plugin's state as a C structure, read out of its memory. It also goes over into a new version.
 * - What the plugin can do is what the game gives it: here to log and to play sounds. */
#define _POSIX_C_SOURCE 200809L /* for clocks */
#include <time.h>

#include "example.h"
#include "guests/game.h"

/* A frame lasts 1/60 second, and the rules may take half of it. Frames that are late for another reason, such as a busy
 * machine, are repeated, too; only several in a row mean that the plugin hangs. */
enum { FRAMES = 60, FRAME_NS = 1000000000 / 60, BUDGET_NS = FRAME_NS / 2, PATIENCE = 5 };

typedef struct {
    wasm_store_t *store;
    wasm_functype_t *log_type, *play_type;
    uint32_t sounds;

    /* The plugin that is loaded. */
    wasm_module_t *module;
    wasm_instance_t *instance;
    wasm_memory_t *memory;
    wasm_func_t *tick;
    uint32_t state; /* its address */

    world picture; /* of the last good frame */
} game;

static wasm_trap_t *on_log(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)env, (void)capacity;
    wasm_memory_t *memory = wasmx_caller_memory(caller, NULL);
    const char *text = guest_bytes(memory, (uint32_t)values[0].i32, (uint32_t)values[1].i32);
    if (!text) return new_trap(wasmx_caller_store(caller), "log: not in the plugin's memory");
    printf("  plugin: %.*s\n", (int)values[1].i32, text);
    return NULL;
}

static wasm_trap_t *on_play(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity) {
    (void)caller, (void)values, (void)capacity;
    ((game *)env)->sounds++;
    return NULL;
}

/* The function for an import, by its name; NULL for what the game does not offer. */
static wasm_func_t *offer(game *g, const wasm_importtype_t *import) {
    const wasm_name_t *module = wasm_importtype_module(import), *name = wasm_importtype_name(import);
    if (module->size != 4 || memcmp(module->data, "game", 4) != 0) return NULL;
    if (name->size == 3 && memcmp(name->data, "log", 3) == 0)
        return wasmx_func_new_raw(g->store, g->log_type, on_log, g, NULL);
    if (name->size == 4 && memcmp(name->data, "play", 4) == 0)
        return wasmx_func_new_raw(g->store, g->play_type, on_play, g, NULL);
    return NULL;
}

static void unload(game *g) {
    wasm_func_delete(g->tick);
    wasm_memory_delete(g->memory);
    wasm_instance_delete(g->instance);
    g->tick = NULL, g->memory = NULL, g->instance = NULL;
}

/* Copies the state out of the plugin's memory. False if the plugin has broken the rules. */
static bool take_picture(game *g) {
    const char *bytes = guest_bytes(g->memory, g->state, sizeof g->picture);
    if (!bytes) return false;
    memcpy(&g->picture, bytes, sizeof g->picture);
    return g->picture.size == sizeof g->picture;
}

/* Makes an instance of the module that goes on from the picture, or begins if there is none. Cheap: the module stays. */
static void start(game *g) {
    wasm_importtype_vec_t asked;
    wasm_module_imports(g->module, &asked);
    wasm_extern_vec_t imports;
    wasm_extern_vec_new_uninitialized(&imports, asked.size);
    for (size_t i = 0; i < asked.size; i++) {
        imports.data[i] = wasm_func_as_extern(offer(g, asked.data[i]));
        if (!imports.data[i]) die("the plugin asks for something unknown");
    }
    g->instance = wasm_instance_new(g->store, g->module, &imports, NULL);
    if (!g->instance) die("starting the plugin");
    wasm_extern_vec_delete(&imports);
    wasm_importtype_vec_delete(&asked);

    g->memory = find_memory(g->instance, "memory");
    g->tick = find_func(g->instance, "tick");
    wasmx_raw_t address;
    call(g->instance, "state", &address, 1);
    g->state = (uint32_t)address.i32;
    char *bytes = guest_bytes(g->memory, g->state, sizeof g->picture);
    if (!bytes) die("the plugin's state is not in its memory");
    if (g->picture.size > 0)
        memcpy(bytes, &g->picture, sizeof g->picture);
    else
        call(g->instance, "init", NULL, 0);
}

/* Loads a plugin, the first one or a new version of it, while the game goes on. */
static void load(game *g, const char *file) {
    printf("loading %s\n", file);
    unload(g);
    wasm_module_delete(g->module);
    g->module = load_guest(g->store, file);
    start(g);
    call(g->instance, "resume", NULL, 0);
    if (!take_picture(g)) die("the plugin has another idea of the state");
}

/* One frame. False if the plugin had to be stopped, and so nothing has happened. */
static bool frame(game *g) {
    wasmx_raw_t seconds = {.f32 = 1.0f / 60};
    wasmx_store_set_deadline(g->store, BUDGET_NS);
    wasm_trap_t *trap = wasmx_func_call_raw(g->tick, &seconds, 1);
    wasmx_store_clear_deadline(g->store);
    if (!trap && take_picture(g)) return true;
    if (trap && wasmx_trap_kind(trap) != WASMX_TRAP_DEADLINE)
        print_trap("  ", trap);
    else
        wasm_trap_delete(trap);
    unload(g);
    start(g);
    return false;
}

static void print_state(const game *g) {
    printf("  tick %" PRIu32 ", %" PRIu32 " bounces, heights", g->picture.ticks, g->picture.bounces);
    for (int i = 0; i < BALLS; i++) printf(" %.2f", g->picture.balls[i].y);
    printf("\n");
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    game g = {.store = wasm_store_new(engine)};
    g.log_type = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    g.play_type = wasm_functype_new_1_0(wasm_valtype_new_i32());

    load(&g, "plugin_v1.wasm");
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (unsigned late = 0; g.picture.ticks < FRAMES;) {
        if (frame(&g)) {
            late = 0;
            if (g.picture.ticks % 15 == 0) print_state(&g);
        } else if (++late == PATIENCE) {
            printf("the plugin hangs: %u frames in a row were over the budget\n", late);
            print_state(&g); /* the game has not lost anything */
            load(&g, "plugin_v2.wasm");
            late = 0;
        }
        /* Draw, and wait for the next frame; after a long one there is nothing to wait for. */
        next.tv_nsec += FRAME_NS;
        if (next.tv_nsec >= 1000000000) next.tv_nsec -= 1000000000, next.tv_sec++;
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t left = (next.tv_sec - now.tv_sec) * 1000000000LL + (next.tv_nsec - now.tv_nsec);
        if (left > 0)
            nanosleep(&(struct timespec){.tv_nsec = (long)left}, NULL);
        else
            next = now;
    }
    printf("the end, after version %" PRIu32 " has taken over\n", g.picture.version);

    unload(&g);
    wasm_module_delete(g.module);
    wasm_functype_delete(g.log_type);
    wasm_functype_delete(g.play_type);
    wasm_store_delete(g.store);
    wasm_engine_delete(engine);
    return 0;
}
