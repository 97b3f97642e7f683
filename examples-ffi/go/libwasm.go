package main

/*
#include <stdint.h>
#include <stdlib.h>
#include "wasm.h"
#include "wasi.h"
#include "wasmx.h"

// Defined in callback.go. The environment is a handle, a number that stands for a Go value.
extern wasm_trap_t *goTransform(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t capacity);

static wasm_func_t *new_transform(wasm_store_t *store, uintptr_t handle) {
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *func = wasmx_func_new_raw(store, type, goTransform, (void *)handle, NULL);
    wasm_functype_delete(type);
    return func;
}

// The elements of C arrays, and of unions, are easier to reach in C.
static wasm_extern_t **extern_at(wasm_extern_vec_t *vec, size_t i) { return &vec->data[i]; }
static wasm_trap_t *call_i32(const wasm_func_t *func, int32_t *value) {
    wasmx_raw_t raw = {.i32 = *value};
    wasm_trap_t *trap = wasmx_func_call_raw(func, &raw, 1);
    *value = raw.i32;
    return trap;
}
*/
import "C"

import (
	"errors"
	"runtime/cgo"
	"unsafe"
)

// lastError is why the last call failed.
func lastError() error {
	return errors.New(C.GoString(C.wasmx_last_error()))
}

// trapError is a trap as an error; nil stays nil. Deletes the trap.
func trapError(trap *C.wasm_trap_t) error {
	if trap == nil {
		return nil
	}
	var message C.wasm_message_t
	C.wasm_trap_message(trap, &message)
	err := errors.New(C.GoString(message.data))
	C.wasm_byte_vec_delete(&message)
	C.wasm_trap_delete(trap)
	return err
}

type host struct {
	engine *C.wasm_engine_t
	store  *C.wasm_store_t
}

func newHost() *host {
	engine := C.wasm_engine_new()
	return &host{engine, C.wasm_store_new(engine)}
}

func (h *host) close() {
	C.wasm_store_delete(h.store)
	C.wasm_engine_delete(h.engine)
}

type guest struct {
	instance *C.wasm_instance_t
	env      *C.wasi_env_t
	handle   cgo.Handle
}

// load makes an instance of a module in text or binary: WASI for the imports that are WASI's, and the function for the
// others.
func (h *host) load(source []byte, transform func(int32) (int32, error)) (*guest, error) {
	text := C.wasm_byte_vec_t{size: C.size_t(len(source)), data: (*C.char)(C.CBytes(source))}
	defer C.free(unsafe.Pointer(text.data))
	var binary C.wasm_byte_vec_t
	if !C.wasmx_wat2wasm(&text, &binary) {
		return nil, lastError()
	}
	module := C.wasm_module_new(h.store, &binary)
	C.wasm_byte_vec_delete(&binary)
	if module == nil {
		return nil, lastError()
	}
	defer C.wasm_module_delete(module)

	g := &guest{env: C.wasi_env_new(h.store, nil), handle: cgo.NewHandle(transform)}
	var imports C.wasm_extern_vec_t
	if !C.wasi_get_imports(h.store, g.env, module, &imports) {
		defer g.close()
		return nil, lastError()
	}
	defer C.wasm_extern_vec_delete(&imports)
	for i := C.size_t(0); i < imports.size; i++ {
		if place := C.extern_at(&imports, i); *place == nil {
			// An owner of its own for the vector: deleting the vector deletes it.
			*place = C.wasm_func_as_extern(C.new_transform(h.store, C.uintptr_t(g.handle)))
		}
	}
	g.instance = C.wasm_instance_new(h.store, module, &imports, nil)
	if g.instance == nil {
		defer g.close()
		return nil, lastError()
	}
	return g, nil
}

func (g *guest) close() {
	C.wasm_instance_delete(g.instance)
	C.wasi_env_delete(g.env)
	g.handle.Delete() // nothing calls the guest any more
}

func (g *guest) sum(n int32) (int32, error) {
	name := C.CString("sum")
	defer C.free(unsafe.Pointer(name))
	found := C.wasmx_instance_export(g.instance, name)
	if found == nil {
		return 0, lastError()
	}
	defer C.wasm_extern_delete(found)
	value := C.int32_t(n)
	trap := C.call_i32(C.wasm_extern_as_func(found), &value)
	return int32(value), trapError(trap)
}

// start runs the program, and returns what it has printed and its exit status.
func (g *guest) start() (string, int, error) {
	start := C.wasi_get_start_function(g.instance)
	if start == nil {
		return "", 0, errors.New("no program")
	}
	defer C.wasm_func_delete(start)
	err := trapError(C.wasmx_func_call_raw(start, nil, 0))
	var status C.int
	if bool(C.wasi_env_exit_code(g.env, &status)) {
		err = nil // not a trap, but the guest's exit
	}
	buffer := make([]byte, 1024)
	size := C.wasi_env_read_stdout(g.env, (*C.char)(unsafe.Pointer(&buffer[0])), C.size_t(len(buffer)))
	return string(buffer[:size]), int(status), err
}
