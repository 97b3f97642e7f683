// Command libwasm-process is a host in Go whose runtime handles faults itself: it recovers from nil dereferences and divisions by
// zero while guests trap on other goroutines, and while the runtime preempts goroutines by signals.
package main

/*
#include <stdlib.h>
#include "wasm.h"
#include "wasmx.h"

typedef struct {
	wasm_engine_t *engine;
	wasm_store_t *store;
	wasm_instance_t *instance;
	wasm_extern_vec_t exports;
} guest;

static int guest_open(guest *g, wasm_engine_t *engine, const char *text, size_t size) {
	wasm_byte_vec_t source = {size, (wasm_byte_t *)text}, binary;
	if (!wasmx_wat2wasm(&source, &binary)) return 0;
	g->store = wasm_store_new(engine);
	wasm_module_t *module = wasm_module_new(g->store, &binary);
	wasm_byte_vec_delete(&binary);
	if (!module) return 0;
	wasm_extern_vec_t none = WASM_EMPTY_VEC;
	g->instance = wasm_instance_new(g->store, module, &none, NULL);
	wasm_module_delete(module);
	if (!g->instance) return 0;
	wasm_instance_exports(g->instance, &g->exports);
	return 1;
}

static void guest_close(guest *g) {
	wasm_extern_vec_delete(&g->exports);
	wasm_instance_delete(g->instance);
	wasm_store_delete(g->store);
}

// The kind of the trap, or -1 with a result.
static int guest_call(guest *g, size_t item, int32_t a, int32_t b, int32_t *result) {
	wasmx_raw_t values[2] = {{.i32 = a}, {.i32 = b}};
	wasm_trap_t *trap = wasmx_func_call_raw(wasm_extern_as_func(g->exports.data[item]), values, 2);
	if (!trap) {
		*result = values[0].i32;
		return -1;
	}
	int kind = wasmx_trap_kind(trap);
	wasm_trap_delete(trap);
	return kind;
}
*/
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"
)

const text = `(module (memory 1)
  (func (export "load") (param i32 i32) (result i32) (i32.load (local.get 0)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $deep (export "deep") (param i32 i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1)) (i32.const 1)))
      (else (i32.const 0))))
  (func (export "sum") (param i32 i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.and (local.get 0) (i32.const 65535)))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.add (local.get $sum) (local.get 1))))`

const (
	load = iota
	divide
	deep
	sum
)

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

type node struct{ next *node }

// own causes a fault of Go's own, and returns what the runtime makes of it.
func own(cause func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	cause()
	return "nothing"
}

var sink int

func ownFaults() {
	var list *node
	zero := len(os.Args) - 1
	if text := own(func() { list = list.next }); text != "runtime error: invalid memory address or nil pointer dereference" {
		fail("nil: %s", text)
	}
	if text := own(func() { sink = 1 / zero }); text != "runtime error: integer divide by zero" {
		fail("zero: %s", text)
	}
}

func expect(g *C.guest, item C.size_t, a, b int32, kind C.int, want int32) {
	var result C.int32_t
	found := C.guest_call(g, item, C.int32_t(a), C.int32_t(b), &result)
	if found != kind || (kind < 0 && int32(result) != want) {
		fail("export %d of %d and %d: trap %d, result %d", item, a, b, found, result)
	}
}

func work(engine *C.wasm_engine_t, rounds int) {
	g := (*C.guest)(C.calloc(1, C.sizeof_guest))
	defer C.free(unsafe.Pointer(g))
	source := C.CString(text)
	defer C.free(unsafe.Pointer(source))
	if C.guest_open(g, engine, source, C.size_t(len(text))) == 0 {
		fail("no guest")
	}
	defer C.guest_close(g)
	for i := 0; i < rounds; i++ {
		expect(g, load, 65532, 0, -1, 0)
		expect(g, load, 65533, 0, C.WASMX_TRAP_MEMORY_OUT_OF_BOUNDS, 0)
		expect(g, load, -1, 0, C.WASMX_TRAP_MEMORY_OUT_OF_BOUNDS, 0)
		ownFaults()
		expect(g, divide, 7, 2, -1, 3)
		expect(g, divide, 7, 0, C.WASMX_TRAP_INTEGER_DIVIDE_BY_ZERO, 0)
		expect(g, deep, 100, 0, -1, 100)
		if i%8 == 0 {
			expect(g, deep, -1, 0, C.WASMX_TRAP_STACK_OVERFLOW, 0)
		}
		expect(g, sum, 200000, 5, -1, 5)
		// The store goes on on another thread, perhaps.
		runtime.Gosched()
	}
}

func main() {
	engine := C.wasm_engine_new()
	defer C.wasm_engine_delete(engine)
	ownFaults()
	var group sync.WaitGroup
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for i := 0; i < 2; i++ {
		busy.Add(1)
		go func() {
			defer busy.Done()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					ownFaults()
					_ = make([]byte, 1<<16)
					if n%100 == 0 {
						runtime.GC()
					}
				}
			}
		}()
	}
	for i := 0; i < 6; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			work(engine, 40)
		}()
	}
	group.Wait()
	close(stop)
	busy.Wait()
	ownFaults()
	fmt.Println("guests trap, and Go recovers")
}
