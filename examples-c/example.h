/* What the examples share, so that each can be about one thing: reading a guest, finding its exports, calling them, and
 * giving up with a reason. hello.c and host.c do without it and show every call. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm.h"
#include "wasmx.h"

/* Ends the program. Every failing call of the library leaves its reason with wasmx_last_error(). */
static inline void die(const char *what) {
    const char *why = wasmx_last_error();
    fprintf(stderr, "%s: %s\n", what, why ? why : "no reason known");
    exit(1);
}

/* The content of a file; the caller deletes it with wasm_byte_vec_delete. */
static inline wasm_byte_vec_t read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    if (size < 0) {
        perror(path);
        exit(1);
    }
    wasm_byte_vec_t bytes;
    wasm_byte_vec_new_uninitialized(&bytes, (size_t)size);
    rewind(file);
    if (fread(bytes.data, 1, bytes.size, file) != bytes.size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    return bytes;
}

/* A guest from examples-c/guests/, as text (.wat) or binary (.wasm): the examples run in the repository's root. */
static inline wasm_module_t *load_guest(wasm_store_t *store, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "examples-c/guests/%s", name);
    wasm_byte_vec_t file = read_file(path), binary;
    /* Text becomes binary; what is binary already is copied. */
    if (!wasmx_wat2wasm(&file, &binary)) die(path);
    wasm_byte_vec_delete(&file);
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    if (!module) die(path);
    return module;
}

/* A guest that is at hand as text. */
static inline wasm_module_t *load_text(wasm_store_t *store, const char *text) {
    wasm_byte_vec_t source = {strlen(text), (wasm_byte_t *)(uintptr_t)text}, binary; /* lent, so never deleted */
    if (!wasmx_wat2wasm(&source, &binary)) die(text);
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    if (!module) die(text);
    return module;
}

/* An instance of a module with `count` imports, in the order in which the module declares them. */
static inline wasm_instance_t *instantiate(wasm_store_t *store, const wasm_module_t *module, size_t count,
                                           wasm_extern_t **externs) {
    wasm_extern_vec_t imports = {count, externs}; /* lent, so never deleted */
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
    if (!instance) die("instantiating the guest");
    return instance;
}

/* Exported things by their names; the caller deletes them. */
static inline wasm_func_t *find_func(const wasm_instance_t *instance, const char *name) {
    wasm_extern_t *found = wasmx_instance_export(instance, name);
    wasm_func_t *func = wasm_func_copy(wasm_extern_as_func(found));
    wasm_extern_delete(found);
    if (!func) die(name);
    return func;
}

static inline wasm_memory_t *find_memory(const wasm_instance_t *instance, const char *name) {
    wasm_extern_t *found = wasmx_instance_export(instance, name);
    wasm_memory_t *memory = wasm_memory_copy(wasm_extern_as_memory(found));
    wasm_extern_delete(found);
    if (!memory) die(name);
    return memory;
}

/* Calls with `values` as arguments, where the results are afterwards. The trap is the caller's. */
static inline wasm_trap_t *try_call(const wasm_instance_t *instance, const char *name, wasmx_raw_t *values, size_t count) {
    wasm_func_t *func = find_func(instance, name);
    wasm_trap_t *trap = wasmx_func_call_raw(func, values, count);
    wasm_func_delete(func);
    return trap;
}

/* Prints and deletes a trap. */
static inline void print_trap(const char *indent, wasm_trap_t *trap) {
    wasm_message_t message;
    wasm_trap_message(trap, &message); /* ends in a NUL */
    printf("%strap: %s\n", indent, message.data);
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
}

/* As try_call, where a trap is the end of the example. */
static inline void call(const wasm_instance_t *instance, const char *name, wasmx_raw_t *values, size_t count) {
    wasm_trap_t *trap = try_call(instance, name, values, count);
    if (!trap) return;
    printf("%s:\n", name);
    print_trap("  ", trap);
    exit(1);
}

/* A trap of the host's own making, to be returned from a callback. */
static inline wasm_trap_t *new_trap(wasm_store_t *store, const char *text) {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, text);
    wasm_trap_t *trap = wasm_trap_new(store, &message);
    wasm_byte_vec_delete(&message);
    return trap;
}

/* A range of a memory as the host sees it, or NULL where it is not all inside. Never trust a pointer from a guest, and keep
 * none across a call of the guest: the memory may have grown, and moved. */
static inline char *guest_bytes(wasm_memory_t *memory, uint32_t pointer, uint32_t size) {
    uint64_t end = (uint64_t)pointer + size;
    return end <= wasm_memory_data_size(memory) ? wasm_memory_data(memory) + pointer : NULL;
}

#endif
