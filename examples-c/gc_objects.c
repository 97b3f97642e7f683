/* Objects: structures and arrays that live in the guest's heap, in the hands of the host.
 *
 * They need no linear memory and no addresses: a wasm_ref_t * is the object. It keeps the object alive; the rest of the heap
 * is collected when nothing reaches it. The host reads and writes fields, makes objects of the guest's types, and passes
 * them as arguments. */
#include "example.h"

/* Types of the module, in its order. */
enum { NAME, ITEM };

/* Fields of an item. */
enum { ITEM_NAME, ITEM_PRICE, ITEM_COUNT, ITEM_NEXT };

static wasm_ref_t *new_name(wasm_store_t *store, const wasmx_type_t *type, const char *text) {
    wasmx_raw_t bytes[32];
    size_t length = strlen(text);
    for (size_t i = 0; i < length && i < 32; i++) bytes[i].i32 = text[i];
    wasm_ref_t *name = wasmx_array_new_from(store, type, (uint32_t)length, bytes);
    if (!name) die("a name");
    return name;
}

static void print_item(const wasm_store_t *store, const wasm_ref_t *item) {
    wasmx_raw_t name_field, price, count;
    wasmx_struct_get(item, ITEM_NAME, &name_field);
    wasmx_struct_get(item, ITEM_PRICE, &price);
    wasmx_struct_get(item, ITEM_COUNT, &count);
    /* The bits of a reference are good for the moment; an owned one is good for longer. */
    wasm_ref_t *name = wasmx_ref_from_raw(store, WASMX_ANYREF, &name_field);
    printf("  %" PRId32 " x ", count.i32);
    for (uint32_t i = 0; i < wasmx_array_length(name); i++) {
        wasmx_raw_t byte;
        wasmx_array_get(name, i, &byte);
        putchar(byte.i32);
    }
    printf(" at %.2f\n", price.f64);
    wasm_ref_delete(name);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "gc_objects.wat");
    wasm_instance_t *instance = instantiate(store, module, 0, NULL);
    wasmx_type_t *name_type = wasmx_module_type(module, NAME), *item_type = wasmx_module_type(module, ITEM);

    printf("the host builds a list\n");
    static const struct {
        const char *name;
        double price;
        int32_t count;
    } things[] = {{"apples", 0.4, 12}, {"bread", 3.2, 1}, {"coffee", 7.9, 2}};
    wasm_ref_t *list = NULL;
    for (size_t i = 0; i < 3; i++) {
        wasm_ref_t *name = new_name(store, name_type, things[i].name);
        wasmx_raw_t fields[4] = {[ITEM_PRICE] = {.f64 = things[i].price}, [ITEM_COUNT] = {.i32 = things[i].count}};
        wasmx_ref_to_raw(name, WASMX_ANYREF, &fields[ITEM_NAME]);
        wasmx_ref_to_raw(list, WASMX_ANYREF, &fields[ITEM_NEXT]);
        wasm_ref_t *item = wasmx_struct_new(store, item_type, 4, fields);
        if (!item) die("an item");
        print_item(store, item);
        wasm_ref_delete(name); /* the item reaches it now, */
        wasm_ref_delete(list); /* and the rest of the list */
        list = item;
    }

    printf("the guest adds it up\n");
    wasmx_raw_t values[2];
    wasmx_ref_to_raw(list, WASMX_ANYREF, &values[0]);
    call(instance, "total", values, 1);
    printf("  total %.2f\n", values[0].f64);

    printf("the guest makes one, and the host changes it\n");
    wasmx_ref_to_raw(list, WASMX_ANYREF, &values[0]);
    values[1].i32 = 3;
    call(instance, "add_gift", values, 2); /* -> the new list */
    wasm_ref_t *gift = wasmx_ref_from_raw(store, WASMX_ANYREF, &values[0]);
    print_item(store, gift);
    wasmx_raw_t price = {.f64 = 5};
    if (!wasmx_struct_set(gift, ITEM_PRICE, &price)) die("a new price");
    wasmx_ref_to_raw(gift, WASMX_ANYREF, &values[0]);
    call(instance, "total", values, 1);
    printf("  total %.2f\n", values[0].f64);
    if (!wasmx_struct_set(gift, ITEM_COUNT, &(wasmx_raw_t){.i32 = 1})) printf("  not its count: %s\n", wasmx_last_error());

    printf("what it is\n");
    wasmx_type_t *type = wasmx_ref_type(gift);
    wasm_valtype_t *reference = wasmx_valtype_new_ref(WASMX_HEAP_DEFINED, false, name_type);
    printf("  an item: %s, with %zu fields\n", wasmx_type_same(type, item_type) ? "yes" : "no", wasmx_struct_field_count(gift));
    printf("  a name: %s\n", wasmx_ref_is(gift, reference) ? "yes" : "no");
    wasm_valtype_delete(reference);
    wasmx_type_delete(type);

    printf("garbage\n");
    values[0].i32 = 100000;
    call(instance, "litter", values, 1); /* many objects that nothing keeps */
    wasmx_store_collect(store);
    wasmx_stats_t stats = {.size = sizeof stats};
    wasmx_stats(store, &stats);
    printf("  collected: %s; alive: less than a kilobyte: %s\n", stats.heap_collections > 0 ? "yes" : "no",
           stats.heap_live_bytes < 1024 ? "yes" : "no");
    print_item(store, gift); /* as it was */

    wasm_ref_delete(gift);
    wasm_ref_delete(list);
    wasmx_type_delete(name_type);
    wasmx_type_delete(item_type);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
