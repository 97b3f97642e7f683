// C++: handles that delete themselves, lambdas as host functions, and exceptions that become traps and the other way round.
//
// wasm.h is plain C, so a few lines are enough for a safe C++ face on it: std::unique_ptr with the right deleter for each
// type, and one trampoline through which a guest calls any std::function. C++ exceptions must not pass through the guest;
// the trampoline turns them into traps.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wasm.h"
#include "wasmx.h"

namespace wasm {

template <auto Delete> struct deleter {
    template <class T> void operator()(T *object) const { Delete(object); }
};
template <class T, auto Delete> using handle = std::unique_ptr<T, deleter<Delete>>;

using engine = handle<wasm_engine_t, wasm_engine_delete>;
using store = handle<wasm_store_t, wasm_store_delete>;
using module = handle<wasm_module_t, wasm_module_delete>;
using instance = handle<wasm_instance_t, wasm_instance_delete>;
using functype = handle<wasm_functype_t, wasm_functype_delete>;
using func = handle<wasm_func_t, wasm_func_delete>;
using external = handle<wasm_extern_t, wasm_extern_delete>;
using trap = handle<wasm_trap_t, wasm_trap_delete>;

// A vector of bytes that the library has made.
struct bytes : wasm_byte_vec_t {
    bytes() : wasm_byte_vec_t{0, nullptr} {}
    bytes(const bytes &) = delete;
    bytes &operator=(const bytes &) = delete;
    ~bytes() { wasm_byte_vec_delete(this); }
};

struct error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What failed, with the library's reason.
[[noreturn]] void fail(const std::string &what) {
    const char *why = wasmx_last_error();
    throw error(what + ": " + (why ? why : "no reason known"));
}

template <class Handle> Handle check(Handle made, const char *what) {
    if (!made) fail(what);
    return made;
}

module load(const store &in, const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw error(path + ": cannot be read");
    std::string content{std::istreambuf_iterator<char>(file), {}};
    wasm_byte_vec_t text = {content.size(), content.data()}; // lent
    bytes binary;
    if (!wasmx_wat2wasm(&text, &binary)) fail(path);
    return check(module(wasm_module_new(in.get(), &binary)), path.c_str());
}

using callback = std::function<void(wasmx_caller_t *, wasmx_raw_t *)>;

// What the guest really calls.
extern "C" wasm_trap_t *trampoline(void *env, wasmx_caller_t *caller, wasmx_raw_t *values, size_t) {
    std::string reason;
    try {
        (*static_cast<callback *>(env))(caller, values);
        return nullptr;
    } catch (const std::exception &e) {
        reason = e.what();
    } catch (...) {
        reason = "an exception of an unknown type";
    }
    wasm_message_t message = {reason.size() + 1, reason.data()}; // with its NUL; lent
    return wasm_trap_new(wasmx_caller_store(caller), &message);
}

// A host function. The closure lives as long as the function.
func function(const store &in, const functype &type, callback body) {
    auto env = std::make_unique<callback>(std::move(body));
    func made(wasmx_func_new_raw(in.get(), type.get(), trampoline, env.get(),
                                 [](void *closure) { delete static_cast<callback *>(closure); }));
    if (!made) fail("a host function");
    env.release(); // the finalizer's, from here on
    return made;
}

external find(const instance &in, const char *name) {
    return check(external(wasmx_instance_export(in.get(), name)), name);
}

// Calls an exported function. A trap becomes an exception.
void call(const instance &in, const char *name, std::vector<wasmx_raw_t> &values) {
    external found = find(in, name);
    trap stopped(wasmx_func_call_raw(wasm_extern_as_func(found.get()), values.data(), values.size()));
    if (!stopped) return;
    bytes message;
    wasm_trap_message(stopped.get(), &message);
    throw error(message.data);
}

wasmx_raw_t i32(int32_t value) {
    wasmx_raw_t raw{};
    raw.i32 = value;
    return raw;
}

} // namespace wasm

// Sorts numbers by a guest, which asks the host for their order.
static void sort(const wasm::store &store, const wasm::module &module, std::vector<int32_t> numbers, const char *what,
                 std::function<bool(int32_t, int32_t)> less) {
    std::printf("%s\n ", what);
    int compared = 0; // the lambda below keeps a reference to it
    wasm::functype type(wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32()));
    wasm::func compare = wasm::function(store, type, [&](wasmx_caller_t *, wasmx_raw_t *values) {
        compared++;
        values[0].i32 = less(values[0].i32, values[1].i32);
    });
    wasm_extern_t *provided[] = {wasm_func_as_extern(compare.get())};
    wasm_extern_vec_t imports = {1, provided};
    wasm::instance instance =
        wasm::check(wasm::instance(wasm_instance_new(store.get(), module.get(), &imports, nullptr)), "the instance");

    wasm::external external = wasm::find(instance, "memory");
    wasm_memory_t *memory = wasm_extern_as_memory(external.get());
    size_t size = numbers.size() * sizeof(int32_t);
    if (size > wasm_memory_data_size(memory)) throw wasm::error("too many numbers");
    std::memcpy(wasm_memory_data(memory), numbers.data(), size);
    std::vector<wasmx_raw_t> values = {wasm::i32(static_cast<int32_t>(numbers.size()))};
    wasm::call(instance, "sort", values);
    std::memcpy(numbers.data(), wasm_memory_data(memory), size);

    for (int32_t number : numbers) std::printf(" %d", static_cast<int>(number));
    std::printf(" (%d comparisons)\n", compared);
}

int main() {
    try {
        wasm::engine engine = wasm::check(wasm::engine(wasm_engine_new()), "the engine");
        wasm::store store = wasm::check(wasm::store(wasm_store_new(engine.get())), "the store");
        wasm::module module = wasm::load(store, "examples-c/guests/sort.wat");
        const std::vector<int32_t> numbers = {31, -4, 15, -92, 65, 35, -8, 9};

        sort(store, module, numbers, "by value", [](int32_t a, int32_t b) { return a < b; });
        sort(store, module, numbers, "by the last digit", [](int32_t a, int32_t b) {
            auto digit = [](int32_t n) { return (n < 0 ? -n : n) % 10; };
            return digit(a) < digit(b);
        });
        try {
            sort(store, module, numbers, "an exception in the lambda, through the guest", [](int32_t a, int32_t b) {
                if (a < 0 || b < 0) throw std::domain_error("negative numbers have no order today");
                return a < b;
            });
        } catch (const wasm::error &e) {
            std::printf(" %s\n", e.what());
        }
        std::printf("a file that is not there\n ");
        wasm::load(store, "examples-c/guests/none.wat");
    } catch (const wasm::error &e) {
        std::printf(" %s\n", e.what());
        return 0;
    }
    return 1; // not reached: the last file does not exist
}
