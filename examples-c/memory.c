/* Memory: how host and guest pass data that is more than numbers.
 *
 * A guest's memory is an array of bytes that both can see. The host writes into room that the guest has given it, calls, and
 * reads the result where the guest says; every address is checked against the size first. Growth can move the array, so
 * wasm_memory_data is asked for again after each call of the guest. A memory can also be made by the host and given to
 * several guests. */
#include "example.h"

/* A C structure in guest memory: both sides agree on fixed-size fields without gaps. Guests are little-endian. */
typedef struct {
    int32_t x, y;
    double weight;
} point;

static void strings(wasm_instance_t *instance, wasm_memory_t *memory) {
    printf("a string for the guest, changed in place\n");
    const char *text = "Memory is shared between the two.";
    uint32_t length = (uint32_t)strlen(text);
    wasmx_raw_t values[2] = {{.i32 = (int32_t)length}};
    call(instance, "reserve", values, 2); /* the guest decides where there is room */
    uint32_t at = (uint32_t)values[0].i32;
    char *room = guest_bytes(memory, at, length);
    if (!room) die("the guest's room is not in its memory");
    memcpy(room, text, length);
    values[0].i32 = (int32_t)at, values[1].i32 = (int32_t)length;
    call(instance, "upper", values, 2);
    printf("  %d letters changed: %.*s\n", (int)values[0].i32, (int)length, guest_bytes(memory, at, length));
}

static void structures(wasm_instance_t *instance, wasm_memory_t *memory) {
    printf("an array of structures\n");
    wasmx_raw_t values[2] = {{.i32 = 3 * sizeof(point)}};
    call(instance, "reserve", values, 2);
    uint32_t at = (uint32_t)values[0].i32;
    static const point points[3] = {{0, 0, 1}, {10, 0, 2}, {0, 20, 1}};
    char *room = guest_bytes(memory, at, sizeof points);
    if (!room) die("the guest's room is not in its memory");
    memcpy(room, points, sizeof points);
    values[0].i32 = (int32_t)at, values[1].i32 = 3;
    call(instance, "centre", values, 2);
    point centre; /* copied out rather than cast: the guest's address need not be aligned for the host */
    const char *found = guest_bytes(memory, (uint32_t)values[0].i32, sizeof centre);
    if (!found) die("the guest's result is not in its memory");
    memcpy(&centre, found, sizeof centre);
    printf("  their centre is (%" PRId32 ", %" PRId32 "), weighing %g\n", centre.x, centre.y, centre.weight);
}

static void growth(wasm_instance_t *instance, wasm_memory_t *memory) {
    printf("growing\n");
    printf("  %" PRIu32 " page of %u bytes\n", wasm_memory_size(memory), (unsigned)MEMORY_PAGE_SIZE);
    if (!wasm_memory_grow(memory, 1)) die("growing");
    printf("  the host adds one: %" PRIu32 "\n", wasm_memory_size(memory));
    wasmx_raw_t values[1] = {{.i32 = 200000}};
    call(instance, "reserve", values, 1); /* more than is left, so the guest grows it too */
    printf("  the guest reserves much: %" PRIu32 "\n", wasm_memory_size(memory));
    if (!wasm_memory_grow(memory, 1000)) printf("  not by 1000: the guest has set a maximum\n");
    printf("  an address beyond the end: %s\n", guest_bytes(memory, 0xfffffff0u, 32) ? "inside?" : "refused");
}

/* Two instances on one memory of the host's. */
static void between_guests(wasm_store_t *store) {
    printf("one memory for two guests\n");
    wasm_limits_t limits = {1, 1};
    wasm_memorytype_t *type = wasm_memorytype_new(&limits);
    wasm_memory_t *memory = wasm_memory_new(store, type);
    wasm_memorytype_delete(type);
    wasm_module_t *module = load_guest(store, "mailbox.wat");
    wasm_extern_t *import = wasm_memory_as_extern(memory);
    wasm_instance_t *sender = instantiate(store, module, 1, &import);
    wasm_instance_t *receiver = instantiate(store, module, 1, &import);
    for (int32_t i = 1; i <= 3; i++) {
        wasmx_raw_t values[1] = {{.i32 = i * i}};
        call(sender, "send", values, 1);
    }
    wasmx_raw_t values[1];
    for (;;) {
        call(receiver, "receive", values, 1);
        if (values[0].i32 < 0) break;
        printf("  received %" PRId32 "\n", values[0].i32);
    }
    wasm_instance_delete(sender);
    wasm_instance_delete(receiver);
    wasm_module_delete(module);
    wasm_memory_delete(memory);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "memory.wat");
    wasm_instance_t *instance = instantiate(store, module, 0, NULL);
    wasm_memory_t *memory = find_memory(instance, "memory");
    strings(instance, memory);
    structures(instance, memory);
    growth(instance, memory);
    between_guests(store);
    wasm_memory_delete(memory);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
