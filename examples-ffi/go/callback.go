package main

// A file with exported functions may declare, but not define, in its C part: so these are apart from libwasm.go.

/*
#include "wasm.h"
#include "wasmx.h"
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

//export goTransform
func goTransform(env unsafe.Pointer, caller *C.wasmx_caller_t, values *C.wasmx_raw_t, _ C.size_t) *C.wasm_trap_t {
	transform := cgo.Handle(uintptr(env)).Value().(func(int32) (int32, error))
	number := (*int32)(unsafe.Pointer(values)) // of the union
	result, err := transform(*number)
	if err != nil {
		text := C.CString(err.Error())
		message := C.wasm_byte_vec_t{size: C.size_t(len(err.Error()) + 1), data: text} // with its NUL
		trap := C.wasm_trap_new(C.wasmx_caller_store(caller), &message)
		C.wasm_byte_vec_delete(&message) // allocated by malloc, so the library may free it
		return trap
	}
	*number = result
	return nil
}
