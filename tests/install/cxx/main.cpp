// Somebody else's C++ program: owns handles with unique_ptr and gives the guest a lambda.
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include <wasm.h>
#include <wasmx.h>

template <auto Delete> struct deleter {
    template <class T> void operator()(T *object) const { Delete(object); }
};
template <class T, auto Delete> using handle = std::unique_ptr<T, deleter<Delete>>;

// (module (import "" "f" (func (param i32) (result i32))) (func (export "g") (param i32) (result i32) local.get 0 call 0))
static const unsigned char wasm[] = {0, 'a', 's', 'm', 1,   0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 2, 6, 1, 0, 1, 'f', 0, 0,
                                     3, 2,   1,   0,   7,   5, 1, 1, 'g', 0, 1, 10, 8, 1, 6, 0, 0x20, 0, 0x10, 0, 0x0b};

int main() {
    handle<wasm_engine_t, wasm_engine_delete> engine(wasm_engine_new());
    handle<wasm_store_t, wasm_store_delete> store(wasm_store_new(engine.get()));
    wasm_byte_vec_t binary;
    wasm_byte_vec_new(&binary, sizeof wasm, reinterpret_cast<const char *>(wasm));
    handle<wasm_module_t, wasm_module_delete> module(wasm_module_new(store.get(), &binary));
    wasm_byte_vec_delete(&binary);
    if (!module) {
        std::cerr << wasmx_last_error() << "\n";
        return 1;
    }
    std::string called;
    handle<wasm_functype_t, wasm_functype_delete> type(wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()));
    handle<wasm_func_t, wasm_func_delete> square(wasm_func_new_with_env(
        store.get(), type.get(),
        [](void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) -> wasm_trap_t * {
            *static_cast<std::string *>(env) += "called";
            results->data[0].kind = WASM_I32;
            results->data[0].of.i32 = args->data[0].of.i32 * args->data[0].of.i32;
            return nullptr;
        },
        &called, nullptr));
    wasm_extern_t *imports[] = {wasm_func_as_extern(square.get())};
    wasm_extern_vec_t import_list = {1, imports}, exports;
    handle<wasm_instance_t, wasm_instance_delete> instance(
        wasm_instance_new(store.get(), module.get(), &import_list, nullptr));
    if (!instance) {
        std::cerr << wasmx_last_error() << "\n";
        return 1;
    }
    wasm_instance_exports(instance.get(), &exports);
    wasm_val_t argument, result;
    argument.kind = WASM_I32;
    argument.of.i32 = 12;
    wasm_val_vec_t in = {1, &argument}, out = {1, &result};
    handle<wasm_trap_t, wasm_trap_delete> trap(wasm_func_call(wasm_extern_as_func(exports.data[0]), &in, &out));
    wasm_extern_vec_delete(&exports);
    if (trap) return 1;
    std::cout << "12 squared = " << result.of.i32 << ", " << called << "\n";
    return 0;
}
