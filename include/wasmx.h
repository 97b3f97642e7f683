/*
 * What libwasm offers beyond the standard C API. All names begin with wasmx_.
 *
 * This file is made from the sources in src/capi; do not edit it. The conventions are those of wasm.h: who owns what,
 * what NULL does, which thread may call, and how failure is reported. `wasmx_last_error()` says why a call failed.
 *
 * ## Types, values and objects beyond the standard
 *
 * - A `wasm_valtype_t` can be any value type, a `wasm_ref_t` also a structure, an array, an exception or an `i31`, a
 *   `wasm_extern_t` also a tag, a `wasm_val_t` also a reference of kind `WASMX_ANYREF` or `WASMX_EXNREF`. The functions
 *   of wasm.h work on them.
 * - A `wasm_val_t` cannot hold a `v128`: functions, globals and fields of that type are for the raw values below.
 * - A structure, array or exception lives as long as a `wasm_ref_t *` to it has an owner, or the guest can reach it.
 *   There is one pointer for one object, so `wasm_ref_same` is identity; data that the host hangs on it is finalized
 *   when the last owner goes, though the object may live on in the guest.
 */

#ifndef WASMX_H
#define WASMX_H

#include "wasm.h"
#include "wasi.h"

/// Kinds of values beyond those of `wasm_valkind_enum`, as `wasm_valtype_kind` and the kind of a `wasm_val_t` give them.
/// A `wasm_val_t` holds references of these kinds like others; it cannot hold a `v128`.
typedef enum wasmx_valkind_enum {
  /// 16 bytes.
  WASMX_V128 = 4,
  /// A reference of the hierarchy of `anyref`: structures, arrays, `i31`s, and references of the host's.
  WASMX_ANYREF = 130,
  /// A reference to an exception.
  WASMX_EXNREF = 131,
} wasmx_valkind_enum;

/// What a reference type refers to.
typedef enum wasmx_heapkind_enum {
  /// No reference type.
  WASMX_HEAP_NOT_A_REFERENCE = 0,
  WASMX_HEAP_FUNC = 1,
  WASMX_HEAP_NOFUNC = 2,
  WASMX_HEAP_EXTERN = 3,
  WASMX_HEAP_NOEXTERN = 4,
  WASMX_HEAP_ANY = 5,
  WASMX_HEAP_NONE = 6,
  WASMX_HEAP_EQ = 7,
  WASMX_HEAP_I31 = 8,
  WASMX_HEAP_STRUCT = 9,
  WASMX_HEAP_ARRAY = 10,
  WASMX_HEAP_EXN = 11,
  WASMX_HEAP_NOEXN = 12,
  /// A defined type: see `wasmx_valtype_type`.
  WASMX_HEAP_DEFINED = 13,
} wasmx_heapkind_enum;

/// What a defined type is of.
typedef enum wasmx_typekind_enum {
  WASMX_TYPE_FUNC = 0,
  WASMX_TYPE_STRUCT = 1,
  WASMX_TYPE_ARRAY = 2,
} wasmx_typekind_enum;

/// What a reference refers to.
typedef enum wasmx_refkind_enum {
  /// Nothing: it is NULL.
  WASMX_REF_NULL = 0,
  WASMX_REF_FUNC = 1,
  WASMX_REF_GLOBAL = 2,
  WASMX_REF_TABLE = 3,
  WASMX_REF_MEMORY = 4,
  WASMX_REF_TAG = 5,
  WASMX_REF_INSTANCE = 6,
  WASMX_REF_MODULE = 7,
  WASMX_REF_FOREIGN = 8,
  WASMX_REF_TRAP = 9,
  WASMX_REF_STRUCT = 10,
  WASMX_REF_ARRAY = 11,
  WASMX_REF_EXCEPTION = 12,
  WASMX_REF_I31 = 13,
} wasmx_refkind_enum;

/// How guest functions run.
enum wasmx_tier_enum
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /// By the interpreter, always: no executable memory is asked for.
  WASMX_TIER_INTERPRETER = 0,
  /// By the interpreter at first, and as machine code once they are hot: called often, or long in a loop. What guests compute,
  /// their traps, and what fuel they consume is the same.
  WASMX_TIER_TIERING = 1,
  /// As machine code, made when a module is loaded.
  WASMX_TIER_EAGER = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum wasmx_tier_enum wasmx_tier_enum;
#else
typedef uint8_t wasmx_tier_enum;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Who is told of the machine code of guests: bits, to be joined.
enum wasmx_profile_enum
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /// Linux `perf`, and others that read `/tmp/perf-PID.map`.
  WASMX_PROFILE_PERF_MAP = 1,
  /// Linux `perf inject --jit`, which also shows instructions: `jit-PID.dump`.
  WASMX_PROFILE_JITDUMP = 2,
  /// GDB and LLDB, by the interface that debuggers have for compilers at run time.
  WASMX_PROFILE_GDB = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum wasmx_profile_enum wasmx_profile_enum;
#else
typedef uint8_t wasmx_profile_enum;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What can be limited. What a store may use can be set for all stores of an engine, in its configuration, and for one
/// store; the others are for configurations only.
enum wasmx_limit_enum
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /// Bytes of each memory. At first without limit.
  WASMX_LIMIT_MEMORY_BYTES = 0,
  /// Bytes of all memories of the store together. At first without limit.
  WASMX_LIMIT_TOTAL_MEMORY_BYTES = 1,
  /// Bytes of the heap of structures, arrays and exceptions, rounded down to megabytes. At most, and at first, 4 GiB.
  WASMX_LIMIT_HEAP_BYTES = 2,
  /// Elements of each table. At first 10,000,000.
  WASMX_LIMIT_TABLE_ELEMENTS = 3,
  /// Instances, memories and tables that exist at a time. At first without limit.
  WASMX_LIMIT_INSTANCES = 4,
  WASMX_LIMIT_MEMORIES = 5,
  WASMX_LIMIT_TABLES = 6,
  /// Elements of all tables of the store together. At first without limit.
  WASMX_LIMIT_TOTAL_TABLE_ELEMENTS = 7,
  /// Bytes of each store's stack, which bounds how deeply guest functions call each other. At first 8 MiB. Guest code
  /// takes none of the native stack but for the calls between guest and host.
  WASMX_LIMIT_STACK_BYTES = 16,
  /// How often host and guest may call each other in turn, which bounds the native stack. At first 400.
  WASMX_LIMIT_HOST_NESTING = 17,
  /// Bytes of a module. At first 1 GiB.
  WASMX_LIMIT_MODULE_BYTES = 32,
  /// Types, imports and exports of a module. At first 1,000,000 each.
  WASMX_LIMIT_MODULE_TYPES = 33,
  WASMX_LIMIT_MODULE_IMPORTS = 34,
  WASMX_LIMIT_MODULE_EXPORTS = 35,
  /// Functions, tables, memories, globals and tags of a module, imported ones included. At first 1,000,000, but 100,000
  /// tables and 100 memories.
  WASMX_LIMIT_MODULE_FUNCTIONS = 36,
  WASMX_LIMIT_MODULE_TABLES = 37,
  WASMX_LIMIT_MODULE_MEMORIES = 38,
  WASMX_LIMIT_MODULE_GLOBALS = 39,
  WASMX_LIMIT_MODULE_TAGS = 40,
  /// Segments of a module. At first 100,000 each.
  WASMX_LIMIT_MODULE_ELEMENT_SEGMENTS = 41,
  WASMX_LIMIT_MODULE_DATA_SEGMENTS = 42,
  /// Bytes of a function's body. At most, and at first, 7,654,321.
  WASMX_LIMIT_FUNCTION_BYTES = 43,
  /// Locals of a function, parameters included. At most, and at first, 50,000.
  WASMX_LIMIT_FUNCTION_LOCALS = 44,
  /// Blocks inside each other in a function. At first without limit.
  WASMX_LIMIT_FUNCTION_NESTING = 45,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum wasmx_limit_enum wasmx_limit_enum;
#else
typedef uint8_t wasmx_limit_enum;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What grows, or is made.
enum wasmx_growth_enum
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WASMX_GROWTH_MEMORY = 0,
  WASMX_GROWTH_TABLE = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum wasmx_growth_enum wasmx_growth_enum;
#else
typedef uint8_t wasmx_growth_enum;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Why a guest stopped. Later versions may add kinds.
enum wasmx_trapkind_enum
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /// There is no trap.
  WASMX_TRAP_NONE = 0,
  WASMX_TRAP_UNREACHABLE = 1,
  WASMX_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
  WASMX_TRAP_TABLE_OUT_OF_BOUNDS = 3,
  /// An indirect call beyond the table's end.
  WASMX_TRAP_UNDEFINED_ELEMENT = 4,
  /// An indirect call of a null element.
  WASMX_TRAP_UNINITIALIZED_ELEMENT = 5,
  WASMX_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 6,
  WASMX_TRAP_INTEGER_DIVIDE_BY_ZERO = 7,
  WASMX_TRAP_INTEGER_OVERFLOW = 8,
  WASMX_TRAP_BAD_CONVERSION_TO_INTEGER = 9,
  /// Guest functions called each other too deeply, or host and guest did.
  WASMX_TRAP_STACK_OVERFLOW = 10,
  WASMX_TRAP_UNALIGNED_ATOMIC = 11,
  WASMX_TRAP_EXPECTED_SHARED_MEMORY = 12,
  WASMX_TRAP_NULL_REFERENCE = 13,
  WASMX_TRAP_NULL_FUNCTION_REFERENCE = 14,
  WASMX_TRAP_NULL_I31_REFERENCE = 15,
  WASMX_TRAP_NULL_STRUCT_REFERENCE = 16,
  WASMX_TRAP_NULL_ARRAY_REFERENCE = 17,
  WASMX_TRAP_NULL_EXCEPTION_REFERENCE = 18,
  WASMX_TRAP_CAST_FAILURE = 19,
  WASMX_TRAP_ARRAY_OUT_OF_BOUNDS = 20,
  WASMX_TRAP_ALLOCATION_TOO_LARGE = 21,
  WASMX_TRAP_OUT_OF_MEMORY = 22,
  WASMX_TRAP_OUT_OF_FUEL = 23,
  WASMX_TRAP_INTERRUPTED = 24,
  WASMX_TRAP_DEADLINE = 25,
  /// An instantiation wanted more than a limit of the store allows.
  WASMX_TRAP_LIMIT_EXCEEDED = 26,
  /// An exception that nothing caught: see `wasmx_trap_exception`.
  WASMX_TRAP_UNCAUGHT_EXCEPTION = 27,
  /// Made by the host, or by the library on a call that does not fit.
  WASMX_TRAP_HOST = 28,
  /// A bug in the library.
  WASMX_TRAP_INTERNAL = 29,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum wasmx_trapkind_enum wasmx_trapkind_enum;
#else
typedef uint8_t wasmx_trapkind_enum;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What a guest may do below a directory that it is given.
typedef enum wasmx_wasi_perms_enum {
  /// Read files.
  WASMX_WASI_READ = 1,
  /// Write to files, and change their sizes and times.
  WASMX_WASI_WRITE = 2,
  /// Make, remove, rename and link files and directories.
  WASMX_WASI_CHANGE = 4,
} wasmx_wasi_perms_enum;

/// Who calls a host function. It and what it lends are valid until that function returns.
typedef struct wasmx_caller_t wasmx_caller_t;

/// Stops the guest of a store. All functions on it may be called from any thread at any time, even when the store is gone.
typedef struct wasmx_interrupter_t wasmx_interrupter_t;

/// A memory that belongs to no store. All functions on it may be called from any thread at any time; what is in it must
/// be read and written atomically where other threads do so, too.
typedef struct wasmx_shared_memory_t wasmx_shared_memory_t;

/// An exception tag.
typedef struct wasmx_tag_t wasmx_tag_t;

/// A defined type of an engine, which it keeps alive. May be used from any thread.
typedef struct wasmx_type_t wasmx_type_t;

/// How guest functions run: one of `wasmx_tier_enum`.
typedef uint8_t wasmx_tier_t;

/// Who is told of the machine code of guests: bits of `wasmx_profile_enum`, or 0 for nobody.
typedef uint8_t wasmx_profile_t;

/// What a reference type refers to: one of `wasmx_heapkind_enum`.
typedef uint8_t wasmx_heapkind_t;

/// What a defined type is of: one of `wasmx_typekind_enum`.
typedef uint8_t wasmx_typekind_t;

/// A field of a structure, or the elements of an array.
typedef struct wasmx_fieldtype_t {
  /// What it holds.
  wasm_valtype_t *type;
  /// 8 or 16 for an `i32` of which only so many bits are kept; 0 for the whole value.
  uint8_t packed;
  /// One of `wasm_mutability_enum`.
  wasm_mutability_t mutability;
} wasmx_fieldtype_t;

/// A value of any type, which only the code around it knows: 16 bytes.
typedef union wasmx_raw_t {
  int32_t i32;
  int64_t i64;
  float32_t f32;
  float64_t f64;
  /// In the order of memory: lane 0 first.
  uint8_t v128[16];
  /// A reference as guest code has it; 0 is null. The bits mean something only in their store, and only as long as
  /// something else keeps what they refer to alive: a handle, a table, a global, a field. Between the host's calls
  /// that means: until the next one that makes an object or runs guest code, except that references may be passed
  /// straight on to it. While a callback runs, its arguments stay alive.
  uint64_t ref;
} wasmx_raw_t;

/// A function of the host's on raw values. The arguments are at `values`, where the results go. `capacity` is the larger
/// of both numbers; elements beyond the arguments are 0. `caller` says who calls, and is valid until the function
/// returns. Returns NULL, or a trap (owned by whom it returns to) that stops the guest; `values` is then not looked at.
typedef wasm_trap_t *(*wasmx_func_callback_raw_t)(void *env,
                                                  struct wasmx_caller_t *caller,
                                                  union wasmx_raw_t *values,
                                                  size_t capacity);

/// What a reference refers to: one of `wasmx_refkind_enum`.
typedef uint8_t wasmx_refkind_t;

/// What a store has and has done. Later versions add members at the end.
typedef struct wasmx_stats_t {
  /// Set by the host to `sizeof(wasmx_stats_t)`: no more than so many bytes are written.
  size_t size;
  /// Objects of all kinds, functions and globals of instances not counted.
  uint64_t objects;
  /// Owned pointers of the host's to the store and its objects.
  uint64_t handles;
  uint64_t instances;
  uint64_t memories;
  uint64_t tables;
  /// Bytes of linear memories.
  uint64_t memory_bytes;
  /// Bytes that the heap of structures, arrays and exceptions takes.
  uint64_t heap_bytes;
  /// Bytes of it that were in use after its last collection.
  uint64_t heap_live_bytes;
  /// How often it was collected.
  uint64_t heap_collections;
  /// Modules of the store.
  uint64_t modules;
  /// Bytes of address space that linear memories take. What is not accessible yet takes no memory.
  uint64_t memory_reserved_bytes;
  /// Elements of all tables, and the bytes that tables take.
  uint64_t table_elements;
  uint64_t table_bytes;
  /// Bytes of address space of the stack; what was never used takes no memory.
  uint64_t stack_bytes;
  /// How often the store's objects were collected.
  uint64_t collections;
  /// Calls of guest functions by the host, and of host functions by guests.
  uint64_t calls_in;
  uint64_t calls_out;
  /// Calls of compiled functions by the host and by interpreted functions. Calls of compiled functions by each other, and of
  /// interpreted ones by each other, are not counted.
  uint64_t machine_entries;
  /// Of the engine, with all its stores: stores; modules in any store or shared, and the bytes of their binaries.
  uint64_t engine_stores;
  uint64_t engine_modules;
  uint64_t engine_module_bytes;
  /// Functions of these modules that have been called and so have register code for the interpreter, and its bytes.
  uint64_t engine_translated_functions;
  uint64_t engine_register_code_bytes;
  /// Functions of these modules that have machine code, its bytes, and functions that the compiler has refused.
  uint64_t engine_compiled_functions;
  uint64_t engine_machine_code_bytes;
  uint64_t engine_uncompiled_functions;
  /// How many functions were ever translated and compiled, those of modules that are gone included, and how long compiling took.
  uint64_t engine_translations;
  uint64_t engine_compilations;
  uint64_t engine_compile_nanoseconds;
  /// Bytes of memory that is kept for instances to come.
  uint64_t engine_pooled_bytes;
} wasmx_stats_t;

/// Asked when fuel has run out: `missing` units at least are needed to go on. Returns the units to add; 0 ends the run
/// with a trap of kind `WASMX_TRAP_OUT_OF_FUEL`. It may take its time, and do what a host function may, the store being
/// the one that it was set for; guest code that it calls itself gets what fuel it adds, and nobody is asked then.
typedef uint64_t (*wasmx_fuel_callback_t)(void *env, uint64_t missing);

/// What is limited: one of `wasmx_limit_enum`.
typedef uint8_t wasmx_limit_t;

/// A growth that the host is asked about.
typedef struct wasmx_growth_t {
  /// One of `wasmx_growth_enum`.
  uint8_t kind;
  /// Whether its type has a maximum.
  bool has_maximum;
  /// Bytes of a memory or elements of a table: now (0 for a new one), and as they would be.
  uint64_t from;
  uint64_t to;
  /// The maximum of its type.
  uint64_t maximum;
} wasmx_growth_t;

/// Asked before a memory or table is made or grows, if the limits allow it: false refuses. It must not run guest code or
/// use the memory or table in question. `growth` is valid until it returns.
typedef bool (*wasmx_growth_callback_t)(void *env, const struct wasmx_growth_t *growth);

/// What a linear memory asks the host for.
typedef struct wasmx_memory_request_t {
  /// Bytes that it needs at once; 0 is possible.
  uint64_t bytes;
  /// Bytes that it can ever have, as its type and the limits at this time allow. As large as the address space where
  /// nothing else is said: not to be taken as a wish.
  uint64_t most;
  /// Whether it must stay where it is when it grows: a shared memory.
  bool fixed;
} wasmx_memory_request_t;

/// Bytes of the host's that a linear memory lies in.
typedef struct wasmx_memory_block_t {
  /// The first byte, at a multiple of 16. May be NULL if there are no bytes.
  uint8_t *base;
  /// How many there are, at least as many as were asked for. A memory that grows asks for more when it wants more than that.
  uint64_t bytes;
  /// The host's own.
  void *user;
} wasmx_memory_block_t;

/// Where linear memories come from. All members but `env` and `finalizer` must be set. They are called by the threads that
/// use the engine's stores, and by whichever gives up a shared memory last; several at a time if there are several. They must not
/// call the library.
typedef struct wasmx_memory_allocator_t {
  void *env;
  /// Fills in `block` with bytes that are zero and that nobody else uses until they are released. False if there are
  /// none: the memory cannot be made then.
  bool (*allocate)(void *env, const struct wasmx_memory_request_t *request, struct wasmx_memory_block_t *block);
  /// Makes `block` at least `bytes` long: the content stays, what is new is zero. It may move, and `base` changes then,
  /// unless `fixed` is true. False, and nothing changes, if that cannot be: `memory.grow` gives -1 then.
  bool (*grow)(void *env, struct wasmx_memory_block_t *block, uint64_t bytes, bool fixed);
  /// Takes a block back, whose memory is gone.
  void (*release)(void *env, const struct wasmx_memory_block_t *block);
  /// Called once with `env`, when the configuration, the engines made with it and all their memories are gone. May be
  /// NULL.
  void (*finalizer)(void *env);
} wasmx_memory_allocator_t;

/// A heap of the host's. Its functions are called by any thread that uses the library, several at a time, and must not call the
/// library. Alignments are powers of two, mostly 8 or 16; sizes are not 0.
typedef struct wasmx_allocator_t {
  void *env;
  /// A block of `size` bytes; NULL if there is none.
  void *(*allocate)(void *env, size_t size, size_t alignment);
  /// A block of `new_size` bytes with the content of `block`, which is gone then, as far as both go; NULL if there is none,
  /// and `block` stays. May itself be NULL: blocks are allocated anew and copied then.
  void *(*reallocate)(void *env, void *block, size_t old_size, size_t new_size, size_t alignment);
  /// Takes a block back, with the size and alignment that it was allocated with.
  void (*release)(void *env, void *block, size_t size, size_t alignment);
} wasmx_allocator_t;

/// Why a guest stopped: one of `wasmx_trapkind_enum`.
typedef uint8_t wasmx_trapkind_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// Why the last call on this thread that returned NULL, false or 0, or left an empty vector, did so: a C string in
/// UTF-8, or NULL if no call on this thread has failed. Borrowed: valid until the next failure on this thread, or its
/// end. Success does not change it, so ask only after a failure. May be called from any thread.
WASM_API_EXTERN const char *wasmx_last_error(void);

/// # Configurations
///
/// Switches a proposal of WebAssembly on or off, by its name: "mutable-globals", "saturating-float-to-int",
/// "sign-extension", "multi-value", "bulk-memory", "reference-types", "simd", "relaxed-simd", "tail-call",
/// "extended-const", "function-references", "gc", "multi-memory", "memory64", "exceptions", "legacy-exceptions",
/// "threads", "wide-arithmetic", "custom-page-sizes" or "compact-imports". All are on at first. A module that uses one
/// that is off is refused, and the reason names it. False if there is no proposal of that name.
WASM_API_EXTERN bool wasmx_config_set_feature(wasm_config_t *config, const char *name, bool on);

/// Whether guests of the engine compute the same on every machine, bit for bit. Off at first, and then it costs nothing. NaNs
/// that arithmetic produces are canonical, vector instructions with a choice make the same one everywhere, and WASI shows clocks
/// that move on by a microsecond with each reading and pseudo-random numbers, unless its configuration sets others. What the
/// host does, how threads of the guest take turns, and when memory runs out is not covered. NULL is ignored.
WASM_API_EXTERN
void wasmx_config_set_deterministic(wasm_config_t *config,
                                    bool on);

/// Whether machine code of the engine may leave checks of memory bounds to the processor. On at first. Then, as long as the library
/// has such code, it has a handler for SIGSEGV and SIGBUS: faults of that code become traps, all others go to the handler that was
/// there before, as if ours were not. A host that installs handlers later and does not call those it replaces must pass faults
/// to [`wasmx_handle_fault`], or switch this off: then all code checks by itself, which it also does in builds without a
/// compiler, for memories that the compiler knows no better way for, where address space is short, and under valgrind.
/// NULL is ignored.
WASM_API_EXTERN
void wasmx_config_set_signals(wasm_config_t *config,
                              bool on);

/// For a host's handler of SIGSEGV and SIGBUS that replaces the library's: passes on what a handler with SA_SIGINFO is given. True
/// if the fault is a guest's: then the handler must return at once, and the guest traps. False, and nothing has happened, if it is
/// not, or if an argument is NULL. May be called in a handler on any thread.
WASM_API_EXTERN
bool wasmx_handle_fault(void *info,
                        void *context);

/// # Configurations
///
/// Sets how guest functions run; at first it is WASMX_TIER_TIERING. A function that the compiler does not cover, or for which
/// there is no memory, is interpreted whatever was asked for; so are all where the system gives no executable memory. False if
/// `config` is NULL, there is no such way, or it is WASMX_TIER_EAGER and the library has no compiler for this processor.
WASM_API_EXTERN
bool wasmx_config_set_tier(wasm_config_t *config,
                           wasmx_tier_t tier);

/// When a function is hot, with WASMX_TIER_TIERING: when its calls have executed `calls` times as much code as it has, or one of its
/// loops `loops` times as much; 0 stands for the first call, and the first trip. At first both are what measurements
/// recommend. NULL is ignored.
WASM_API_EXTERN
void wasmx_config_set_tier_thresholds(wasm_config_t *config,
                                      uint32_t calls,
                                      uint32_t loops);

/// How many threads compile hot functions while guests go on: 1 at most, which is what it is at first. The thread is one for all
/// engines of the process; it starts when it is first needed, takes no signals, and ends when there has been nothing to do
/// for a while. With 0 the library starts no thread for this: a guest waits until its function is compiled. NULL is ignored.
WASM_API_EXTERN
void wasmx_config_set_compile_threads(wasm_config_t *config,
                                      uint32_t threads);

/// # Configurations
///
/// Sets who is told which functions of guests are where in memory, under the names that modules have for them; at first it is
/// nobody. Costs nothing but when functions are compiled. The files are begun here, for the user alone, and hold the code of
/// guests; a process has one of each kind, whatever the number of engines. `directory`, a C string, is where `jit-PID.dump` goes the
/// first time that it is asked for; NULL stands for the current directory. False, and the configuration is as it was, if
/// `config` is NULL, there is no such kind, a file cannot be written, or the library was built without this or for a system
/// other than Linux on x86-64. What cannot be written later on is given up: see [`wasmx_profile_check`].
WASM_API_EXTERN
bool wasmx_config_set_profile(wasm_config_t *config,
                              wasmx_profile_t kinds,
                              const char *directory);

/// Whether the process's unwinder is told of machine code. On at first: then `backtrace()`, `_Unwind_Backtrace` and what is
/// built on them walk from a host function through the guest to the host. It costs one registration for some hundred kilobytes of
/// code. With the unwinder of GCC 12 and before, exceptions of C++ anywhere in the process take a lock as soon as
/// anything is registered; hosts that throw a lot on many threads can switch it off, and walks end at the guest. NULL is ignored.
WASM_API_EXTERN
void wasmx_config_set_unwind_tables(wasm_config_t *config,
                                    bool on);

/// Whether the files that [`wasmx_config_set_profile`] has begun are whole so far. False if one had to be given up, because the disk
/// is full for example; `wasmx_last_error` says why. May be called from any thread.
WASM_API_EXTERN
bool wasmx_profile_check(void);

/// # Value types
///
/// The type of 16-byte vectors, owned by the caller.
WASM_API_EXTERN wasm_valtype_t *wasmx_valtype_new_v128(void);

/// A reference type, owned by the caller. `heap` is one of `wasmx_heapkind_enum`; `defined` is read if that is
/// `WASMX_HEAP_DEFINED`, and must be NULL otherwise. NULL if they contradict each other.
WASM_API_EXTERN
wasm_valtype_t *wasmx_valtype_new_ref(wasmx_heapkind_t heap,
                                      bool nullable,
                                      const struct wasmx_type_t *defined);

/// What the type refers to, one of `wasmx_heapkind_enum`: 0 (`WASMX_HEAP_NOT_A_REFERENCE`) if `ty` is no reference type
/// or NULL.
WASM_API_EXTERN wasmx_heapkind_t wasmx_valtype_heap(const wasm_valtype_t *ty);

/// Whether null is a value of the type: false if `ty` is no reference type or NULL.
WASM_API_EXTERN bool wasmx_valtype_is_nullable(const wasm_valtype_t *ty);

/// The defined type that a reference type names, owned by the caller; NULL if it names none or `ty` is NULL.
WASM_API_EXTERN struct wasmx_type_t *wasmx_valtype_type(const wasm_valtype_t *ty);

/// Whether every value of type `sub` is one of type `sup`: whether the types match, in the words of the specification.
/// False if either is NULL. Two types that match each other both ways are the same.
WASM_API_EXTERN bool wasmx_valtype_matches(const wasm_valtype_t *sub, const wasm_valtype_t *sup);

/// # Defined types
///
/// Deletes a type. NULL is ignored.
WASM_API_EXTERN void wasmx_type_delete(struct wasmx_type_t *ty);

/// A copy of a type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasmx_type_t *wasmx_type_copy(const struct wasmx_type_t *ty);

/// Whether both are the same type of the same engine. False if either is NULL.
WASM_API_EXTERN bool wasmx_type_same(const struct wasmx_type_t *a, const struct wasmx_type_t *b);

/// Whether `sub` is `sup`, or was declared as a subtype of it, directly or not. False if either is NULL, or they belong
/// to different engines.
WASM_API_EXTERN bool wasmx_type_is_subtype(const struct wasmx_type_t *sub, const struct wasmx_type_t *sup);

/// What the type is of, one of `wasmx_typekind_enum`; 0 (`WASMX_TYPE_FUNC`) if `ty` is NULL.
WASM_API_EXTERN wasmx_typekind_t wasmx_type_kind(const struct wasmx_type_t *ty);

/// The type that `ty` was declared as a direct subtype of, owned by the caller; NULL if there is none or `ty` is NULL.
WASM_API_EXTERN struct wasmx_type_t *wasmx_type_supertype(const struct wasmx_type_t *ty);

/// A function type of `wasm.h` as a defined type of an engine, owned by the caller. Reads `ty`. NULL if an argument is
/// NULL, or a type in it belongs to another engine.
WASM_API_EXTERN struct wasmx_type_t *wasmx_type_new_func(const wasm_engine_t *engine, const wasm_functype_t *ty);

/// A function type as `wasm.h` has it, owned by the caller; NULL if `ty` is no function type or NULL.
WASM_API_EXTERN wasm_functype_t *wasmx_type_functype(const struct wasmx_type_t *ty);

/// The structure type with `count` fields, owned by the caller. It is final, has no supertype, and is a recursion group
/// of its own. Reads `fields` and the types in them. NULL if `engine` or the type of a field is NULL, or a field
/// contradicts itself.
WASM_API_EXTERN
struct wasmx_type_t *wasmx_type_new_struct(const wasm_engine_t *engine,
                                           size_t count,
                                           const struct wasmx_fieldtype_t *fields);

/// The array type with such elements, owned by the caller. Otherwise as `wasmx_type_new_struct`.
WASM_API_EXTERN
struct wasmx_type_t *wasmx_type_new_array(const wasm_engine_t *engine,
                                          const struct wasmx_fieldtype_t *element);

/// The number of fields of a structure type; 1 for an array type, 0 for a function type and if `ty` is NULL.
WASM_API_EXTERN size_t wasmx_type_field_count(const struct wasmx_type_t *ty);

/// Writes field `index` of a structure type, or the elements of an array type (`index` 0), to `out`; the caller then owns
/// the type in it. False, and `out` is untouched, if there is no such field or an argument is NULL.
WASM_API_EXTERN
bool wasmx_type_field(const struct wasmx_type_t *ty,
                      size_t index,
                      struct wasmx_fieldtype_t *out);

/// The number of types that a module defines; 0 if `module` is NULL.
WASM_API_EXTERN size_t wasmx_module_type_count(const wasm_module_t *module);

/// The type that a module defines with an index, owned by the caller; NULL if there is none or `module` is NULL.
WASM_API_EXTERN struct wasmx_type_t *wasmx_module_type(const wasm_module_t *module, size_t index);

/// # Memory types
///
/// A memory type, owned by the caller. `minimum` and `maximum` are in pages of 2 to the power of `page_size_log2` bytes,
/// which is 16, or 0 with custom page sizes; `maximum` counts only if `has_maximum`. `is64` is for 64-bit addresses.
/// `shared` memories need a maximum. NULL if the limits contradict each other, or address more than the type can.
WASM_API_EXTERN
wasm_memorytype_t *wasmx_memorytype_new(uint64_t minimum,
                                        uint64_t maximum,
                                        bool has_maximum,
                                        bool is64,
                                        bool shared,
                                        uint8_t page_size_log2);

/// The pages at first; 0 if `ty` is NULL.
WASM_API_EXTERN uint64_t wasmx_memorytype_minimum(const wasm_memorytype_t *ty);

/// Writes the most pages to `out`, if there is a maximum; false otherwise, and if an argument is NULL.
WASM_API_EXTERN bool wasmx_memorytype_maximum(const wasm_memorytype_t *ty, uint64_t *out);

/// Whether addresses have 64 bits; false if `ty` is NULL.
WASM_API_EXTERN bool wasmx_memorytype_is64(const wasm_memorytype_t *ty);

/// Whether the memory may be used by several threads at once; false if `ty` is NULL.
WASM_API_EXTERN bool wasmx_memorytype_is_shared(const wasm_memorytype_t *ty);

/// The size of a page as a power of two; 0 if `ty` is NULL.
WASM_API_EXTERN uint8_t wasmx_memorytype_page_size_log2(const wasm_memorytype_t *ty);

/// # Table types
///
/// A table type, owned by the caller. Takes over `element`. `maximum` counts only if `has_maximum`; `is64` is for 64-bit
/// indices. NULL (and `element` is deleted) if `element` is NULL or no reference type, or the limits contradict each
/// other.
WASM_API_EXTERN
wasm_tabletype_t *wasmx_tabletype_new(wasm_valtype_t *element,
                                      uint64_t minimum,
                                      uint64_t maximum,
                                      bool has_maximum,
                                      bool is64);

/// The elements at first; 0 if `ty` is NULL.
WASM_API_EXTERN uint64_t wasmx_tabletype_minimum(const wasm_tabletype_t *ty);

/// Writes the most elements to `out`, if there is a maximum; false otherwise, and if an argument is NULL.
WASM_API_EXTERN bool wasmx_tabletype_maximum(const wasm_tabletype_t *ty, uint64_t *out);

/// Whether indices have 64 bits; false if `ty` is NULL.
WASM_API_EXTERN bool wasmx_tabletype_is64(const wasm_tabletype_t *ty);

/// # Memories
///
/// The number of pages; 0 if `memory` is NULL.
WASM_API_EXTERN uint64_t wasmx_memory_size64(const wasm_memory_t *memory);

/// Adds `delta` pages of zeros. False, and nothing changes, if the memory's maximum or a limit forbids it, there is no
/// room, or `memory` is NULL.
WASM_API_EXTERN bool wasmx_memory_grow64(wasm_memory_t *memory, uint64_t delta);

/// # Tables
///
/// The number of elements; 0 if `table` is NULL.
WASM_API_EXTERN uint64_t wasmx_table_size64(const wasm_table_t *table);

/// Adds `delta` elements filled with `init` (NULL is the null reference). False, and nothing changes, if the table's
/// maximum or a limit forbids it, `init` is not of the element type or belongs to another store, or `table` is NULL.
WASM_API_EXTERN bool wasmx_table_grow64(wasm_table_t *table, uint64_t delta, wasm_ref_t *init);

/// The element at `index`, owned by the caller; NULL if it is null, `index` is out of bounds, or `table` is NULL.
WASM_API_EXTERN wasm_ref_t *wasmx_table_get64(const wasm_table_t *table, uint64_t index);

/// Sets the element at `index`; `reference` (NULL is the null reference) gains an owner. False if `index` is out of
/// bounds, the reference is not of the element type or belongs to another store, or `table` is NULL.
WASM_API_EXTERN bool wasmx_table_set64(wasm_table_t *table, uint64_t index, wasm_ref_t *reference);

/// # Raw values
///
/// Writes a reference (NULL is the null reference) to `out` as a raw value of a kind: `WASM_EXTERNREF`, `WASM_FUNCREF`,
/// `WASMX_ANYREF` or `WASMX_EXNREF`. Reads `reference`, which must outlive the use of the bits unless something else
/// keeps it alive. False, and `out` is untouched, if `out` is NULL or the reference cannot be of that kind.
WASM_API_EXTERN bool wasmx_ref_to_raw(const wasm_ref_t *reference, wasm_valkind_t kind, union wasmx_raw_t *out);

/// The reference in a raw value of a kind (as for `wasmx_ref_to_raw`), which must be alive in `store`; owned by the
/// caller. NULL for the null reference, and if an argument is NULL or the kind is not one of references.
WASM_API_EXTERN
wasm_ref_t *wasmx_ref_from_raw(const wasm_store_t *store,
                               wasm_valkind_t kind,
                               const union wasmx_raw_t *raw);

/// Calls a function with raw values: the arguments are at `values`, and so are the results afterwards. `capacity` is the
/// number of elements at `values`, at least that of the parameters and that of the results; `values` may be NULL if it
/// is 0. Nothing is allocated. Returns NULL, or the trap that stopped the call, owned by the caller; the content of
/// `values` is then unspecified. Too little room is a trap, too, and so is a reference that is not of the parameter's
/// type. Of an argument only the bytes of its type are read; of a result, only those mean anything.
WASM_API_EXTERN
wasm_trap_t *wasmx_func_call_raw(const wasm_func_t *func,
                                 union wasmx_raw_t *values,
                                 size_t capacity);

/// A function that calls back to the host with raw values, owned by the caller. Reads `ty`. `finalizer` (may be NULL) is
/// called once with `env`, when the function dies. NULL, and no finalizer is called, if another argument but `env` is
/// NULL, or the type belongs to another engine.
WASM_API_EXTERN
wasm_func_t *wasmx_func_new_raw(wasm_store_t *store,
                                const wasm_functype_t *ty,
                                wasmx_func_callback_raw_t callback,
                                void *env,
                                void (*finalizer)(void*));

/// # Instances
///
/// The export of a name, a C string in UTF-8; owned by the caller. NULL if there is none, or an argument is NULL.
WASM_API_EXTERN wasm_extern_t *wasmx_instance_export(const wasm_instance_t *instance, const char *name);

/// # Callers
///
/// The store, borrowed: not to be deleted, and valid until the host function returns. NULL if `caller` is NULL.
WASM_API_EXTERN wasm_store_t *wasmx_caller_store(struct wasmx_caller_t *caller);

/// The instance whose code made the call, borrowed. NULL if the host made it itself, or `caller` is NULL.
WASM_API_EXTERN const wasm_instance_t *wasmx_caller_instance(const struct wasmx_caller_t *caller);

/// The export of the calling instance with a name, a C string in UTF-8; borrowed. NULL if there is none, no instance
/// calls, or an argument is NULL.
WASM_API_EXTERN wasm_extern_t *wasmx_caller_export(const struct wasmx_caller_t *caller, const char *name);

/// The memory that the calling instance exports by a name, or as "memory" if `name` is NULL; borrowed. NULL if there is
/// none, no instance calls, or `caller` is NULL.
WASM_API_EXTERN wasm_memory_t *wasmx_caller_memory(const struct wasmx_caller_t *caller, const char *name);

/// # Globals and tables with raw values
///
/// A global with an initial value, owned by the caller. Reads `ty` and `value`. NULL if an argument is NULL, or a
/// reference is not of the type.
WASM_API_EXTERN
wasm_global_t *wasmx_global_new_raw(wasm_store_t *store,
                                    const wasm_globaltype_t *ty,
                                    const union wasmx_raw_t *value);

/// Writes the value of the global to `out`. False, and `out` is untouched, if an argument is NULL.
WASM_API_EXTERN bool wasmx_global_get_raw(const wasm_global_t *global, union wasmx_raw_t *out);

/// Sets the global. Reads `value`. False, and nothing changes, if an argument is NULL, the global cannot change, or a
/// reference is not of its type.
WASM_API_EXTERN bool wasmx_global_set_raw(wasm_global_t *global, const union wasmx_raw_t *value);

/// Writes the element at `index` to `out`. False, and `out` is untouched, if `index` is out of bounds or an argument is
/// NULL.
WASM_API_EXTERN bool wasmx_table_get_raw(const wasm_table_t *table, uint64_t index, union wasmx_raw_t *out);

/// Sets the element at `index`. Reads `value`. False, and nothing changes, if `index` is out of bounds, an argument is
/// NULL, or the reference is not of the element type.
WASM_API_EXTERN bool wasmx_table_set_raw(wasm_table_t *table, uint64_t index, const union wasmx_raw_t *value);

/// # Tags
///
/// A new tag, different from all others, owned by the caller. Reads `ty`. NULL if an argument is NULL, or the function
/// type has results or belongs to another engine.
WASM_API_EXTERN struct wasmx_tag_t *wasmx_tag_new(wasm_store_t *store, const wasm_tagtype_t *ty);

/// Gives up one ownership of a tag. NULL is ignored. The tag itself lives on while anything else refers to it.
WASM_API_EXTERN void wasmx_tag_delete(struct wasmx_tag_t *tag);

/// One more owner of the same tag; NULL if `tag` is NULL.
WASM_API_EXTERN struct wasmx_tag_t *wasmx_tag_copy(const struct wasmx_tag_t *tag);

/// Whether both are the same tag. False if either is NULL.
WASM_API_EXTERN bool wasmx_tag_same(const struct wasmx_tag_t *a, const struct wasmx_tag_t *b);

/// The type of the tag, owned by the caller; NULL if `tag` is NULL.
WASM_API_EXTERN wasm_tagtype_t *wasmx_tag_type(const struct wasmx_tag_t *tag);

/// A tag as an external. Borrowed: valid as long as `tag`. NULL stays NULL.
WASM_API_EXTERN wasm_extern_t *wasmx_tag_as_extern(struct wasmx_tag_t *tag);

/// As `wasmx_tag_as_extern`, without leave to change it.
WASM_API_EXTERN const wasm_extern_t *wasmx_tag_as_extern_const(const struct wasmx_tag_t *tag);

/// The tag that an external is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasmx_tag_t *wasmx_extern_as_tag(wasm_extern_t *external);

/// As `wasmx_extern_as_tag`, without leave to change it.
WASM_API_EXTERN const struct wasmx_tag_t *wasmx_extern_as_tag_const(const wasm_extern_t *external);

/// # Exceptions
///
/// An exception with a tag and `count` values that it carries, as a reference owned by the caller. Reads `payload`. NULL
/// if `store` or `tag` is NULL, the values are not as many and not of the types that the tag says, the tag belongs to
/// another store, or a limit forbids it.
WASM_API_EXTERN
wasm_ref_t *wasmx_exception_new(wasm_store_t *store,
                                const struct wasmx_tag_t *tag,
                                size_t count,
                                const union wasmx_raw_t *payload);

/// The tag of an exception, owned by the caller; NULL if `exception` is none or NULL.
WASM_API_EXTERN struct wasmx_tag_t *wasmx_exception_tag(const wasm_ref_t *exception);

/// The number of values that an exception carries; 0 if `exception` is none or NULL.
WASM_API_EXTERN size_t wasmx_exception_payload_count(const wasm_ref_t *exception);

/// Writes the values that an exception carries to `out`, which has room for `capacity`. References among them are good
/// as long as the exception is. False, and `out` is untouched, if there is too little room, `exception` is none or NULL,
/// or `out` is NULL where it is needed.
WASM_API_EXTERN
bool wasmx_exception_payload(const wasm_ref_t *exception,
                             union wasmx_raw_t *out,
                             size_t capacity);

/// The trap that throws an exception: returned from a callback, it is the exception that guest code can catch. Owned by
/// the caller. NULL if `exception` is none or NULL.
WASM_API_EXTERN wasm_trap_t *wasmx_trap_new_exception(const wasm_ref_t *exception);

/// The exception that nothing caught, owned by the caller; NULL if `trap` arose from something else, or is NULL.
WASM_API_EXTERN wasm_ref_t *wasmx_trap_exception(const wasm_trap_t *trap);

/// # Shared memories
///
/// A shared memory of zeros, owned by the caller. Reads `ty`, which must be that of a shared memory: see
/// `wasmx_memorytype_new`. NULL if it is not, an argument is NULL, or there is no room.
WASM_API_EXTERN
struct wasmx_shared_memory_t *wasmx_shared_memory_new(wasm_engine_t *engine,
                                                      const wasm_memorytype_t *ty);

/// Deletes the host's hold on a shared memory; it lives on while a store uses it. NULL is ignored.
WASM_API_EXTERN void wasmx_shared_memory_delete(struct wasmx_shared_memory_t *shared);

/// One more owner of the same shared memory; NULL if `shared` is NULL.
WASM_API_EXTERN struct wasmx_shared_memory_t *wasmx_shared_memory_copy(const struct wasmx_shared_memory_t *shared);

/// Whether both are the same shared memory. False if either is NULL.
WASM_API_EXTERN
bool wasmx_shared_memory_same(const struct wasmx_shared_memory_t *a,
                              const struct wasmx_shared_memory_t *b);

/// The type of the memory, its minimum being the present size; owned by the caller. NULL if `shared` is NULL.
WASM_API_EXTERN wasm_memorytype_t *wasmx_shared_memory_type(const struct wasmx_shared_memory_t *shared);

/// The first byte. Borrowed: valid as long as the memory lives, which never moves. NULL if `shared` is NULL.
WASM_API_EXTERN byte_t *wasmx_shared_memory_data(const struct wasmx_shared_memory_t *shared);

/// The number of bytes; 0 if `shared` is NULL.
WASM_API_EXTERN size_t wasmx_shared_memory_data_size(const struct wasmx_shared_memory_t *shared);

/// The number of pages; 0 if `shared` is NULL.
WASM_API_EXTERN uint64_t wasmx_shared_memory_size(const struct wasmx_shared_memory_t *shared);

/// Adds `delta` pages of zeros, for all stores. False, and nothing changes, if the memory's maximum forbids it, there is
/// no room, or `shared` is NULL.
WASM_API_EXTERN
bool wasmx_shared_memory_grow(struct wasmx_shared_memory_t *shared,
                              uint64_t delta);

/// The shared memory as a memory of a store, to be imported there; owned by the caller. NULL if an argument is NULL, or a
/// limit of the store forbids it.
WASM_API_EXTERN
wasm_memory_t *wasmx_shared_memory_as_memory(const struct wasmx_shared_memory_t *shared,
                                             wasm_store_t *store);

/// What other stores can be given of a memory, owned by the caller; NULL if the memory is not shared, or `memory` is NULL.
WASM_API_EXTERN
struct wasmx_shared_memory_t *wasmx_memory_shared(const wasm_memory_t *memory);

/// # References to the guest's objects
///
/// What a reference refers to, one of `wasmx_refkind_enum`; 0 (`WASMX_REF_NULL`) if it is NULL.
WASM_API_EXTERN wasmx_refkind_t wasmx_ref_kind(const wasm_ref_t *reference);

/// The defined type of what a reference refers to, owned by the caller: of a function, a structure or an array. NULL for
/// everything else, and NULL.
WASM_API_EXTERN
struct wasmx_type_t *wasmx_ref_type(const wasm_ref_t *reference);

/// Whether a reference (NULL is the null reference) is a value of a type: the test that `ref.test` makes. False if `ty`
/// is NULL or no reference type.
WASM_API_EXTERN bool wasmx_ref_is(const wasm_ref_t *reference, const wasm_valtype_t *ty);

/// The `i31` with the low 31 bits of `value`, as a reference owned by the caller. NULL if `store` is NULL.
WASM_API_EXTERN wasm_ref_t *wasmx_i31_new(wasm_store_t *store, int32_t value);

/// Writes the value of an `i31`, sign-extended, to `out`. False, and `out` is untouched, if the reference is none, or an
/// argument is NULL.
WASM_API_EXTERN
bool wasmx_i31_get(const wasm_ref_t *reference,
                   int32_t *out);

/// A structure of a type with `count` fields, as a reference owned by the caller. Reads `fields`. NULL if `store` or `ty`
/// is NULL, `ty` is no structure type or of another engine, the values are not as many and not of the types that it
/// says, or a limit forbids it.
WASM_API_EXTERN
wasm_ref_t *wasmx_struct_new(wasm_store_t *store,
                             const struct wasmx_type_t *ty,
                             size_t count,
                             const union wasmx_raw_t *fields);

/// The number of fields of a structure; 0 if the reference is to none, or NULL.
WASM_API_EXTERN size_t wasmx_struct_field_count(const wasm_ref_t *reference);

/// Writes a field of a structure to `out`; a packed one as an `i32` with zeros above. A reference is good as long as the
/// field holds it. False, and `out` is untouched, if the reference is to no structure, there is no such field, or an
/// argument is NULL.
WASM_API_EXTERN
bool wasmx_struct_get(const wasm_ref_t *reference,
                      uint32_t index,
                      union wasmx_raw_t *out);

/// Sets a field of a structure. Reads `value`. False, and nothing changes, if the reference is to no structure, there is
/// no such field, it cannot change, a reference in `value` is not of its type, or an argument is NULL.
WASM_API_EXTERN
bool wasmx_struct_set(wasm_ref_t *reference,
                      uint32_t index,
                      const union wasmx_raw_t *value);

/// An array of a type with `length` equal elements, as a reference owned by the caller. Reads `init`. NULL if an argument
/// is NULL, `ty` is no array type or of another engine, a reference is not of the element type, or a limit forbids it.
WASM_API_EXTERN
wasm_ref_t *wasmx_array_new(wasm_store_t *store,
                            const struct wasmx_type_t *ty,
                            uint32_t length,
                            const union wasmx_raw_t *init);

/// As `wasmx_array_new`, with the `length` elements at `elements`, which may be NULL if there are none.
WASM_API_EXTERN
wasm_ref_t *wasmx_array_new_from(wasm_store_t *store,
                                 const struct wasmx_type_t *ty,
                                 uint32_t length,
                                 const union wasmx_raw_t *elements);

/// The number of elements of an array; 0 if the reference is to none, or NULL.
WASM_API_EXTERN uint32_t wasmx_array_length(const wasm_ref_t *reference);

/// Writes an element of an array to `out`, as `wasmx_struct_get` does.
WASM_API_EXTERN bool wasmx_array_get(const wasm_ref_t *reference, uint32_t index, union wasmx_raw_t *out);

/// Sets an element of an array, as `wasmx_struct_set` does.
WASM_API_EXTERN bool wasmx_array_set(wasm_ref_t *reference, uint32_t index, const union wasmx_raw_t *value);

/// # Stores
///
/// Writes what a store has and has done to `out`, whose `size` the host has set. False, and `out` is untouched, if an
/// argument is NULL or `size` has no room for even itself.
WASM_API_EXTERN bool wasmx_stats(const wasm_store_t *store, struct wasmx_stats_t *out);

/// Frees what nothing in the store reaches any more, and returns the number of objects that were freed, those of the
/// guest's heap not counted. Stores do this by themselves; a host asks for it to have finalizers run now. Does nothing
/// while guest code runs, or if `store` is NULL.
WASM_API_EXTERN size_t wasmx_store_collect(wasm_store_t *store);

/// # The text format
///
/// Makes a module in the text format (`.wat`, UTF-8, no NUL needed at its end) into a binary in `out`, which the caller
/// owns and may pass to `wasm_module_new`; whether the module is valid is found out there. `wat` stays the caller's, and
/// may be binary already: then `out` is a copy. False if the text has a mistake, an argument is NULL, or the library was
/// built without the text format; `out`, which must not be `wat`, is then empty. `wasmx_last_error` tells line and column of the mistake and, on two
/// more lines, quotes the line with a caret under the place. May be called from any thread.
WASM_API_EXTERN
bool wasmx_wat2wasm(const wasm_byte_vec_t *wat,
                    wasm_byte_vec_t *out);

/// # Fuel
///
/// Whether guest code of the engine pays for what it executes. Off at first, and then it costs nothing. With fuel, each
/// operator of the WebAssembly text that is executed costs one unit, but for those that only mark a place (`block`,
/// `loop`, `else`, `end`, `nop`, and the heads of try blocks and clauses). `memory.fill`, `copy` and `init` cost one more
/// for each 64 whole bytes of their length; those of tables and arrays, `table.grow`, and what makes an array of a given
/// length, one more for each element. Code between two branches or calls is paid when it is entered, and not entered if
/// there is too little fuel: then the host is asked (`wasmx_store_set_fuel_callback`), or the run ends with a trap of kind
/// `WASMX_TRAP_OUT_OF_FUEL`. What a program consumes is the same on every machine, on every run. A store has no fuel
/// at first. NULL is ignored.
WASM_API_EXTERN
void wasmx_config_set_fuel(wasm_config_t *config,
                           bool on);

/// Sets how many units are left. False if `store` is NULL, or its engine was made without fuel.
WASM_API_EXTERN bool wasmx_store_set_fuel(wasm_store_t *store, uint64_t units);

/// Adds to what is left, up to UINT64_MAX. False if `store` is NULL, or its engine was made without fuel.
WASM_API_EXTERN bool wasmx_store_add_fuel(wasm_store_t *store, uint64_t units);

/// How many units are left; 0 if `store` is NULL, or its engine was made without fuel. A host function sees what is left
/// during its call.
WASM_API_EXTERN
uint64_t wasmx_store_fuel(const wasm_store_t *store);

/// How many units have been consumed since the store was made; 0 if `store` is NULL, or its engine was made without
/// fuel.
WASM_API_EXTERN uint64_t wasmx_store_fuel_consumed(const wasm_store_t *store);

/// Asks `callback` when fuel runs out; NULL stands for nobody. `finalizer` (may be NULL) is called once with `env`, when
/// another callback takes its place or the store dies. False, and no finalizer is called, if `store` is NULL, or its
/// engine was made without fuel.
WASM_API_EXTERN
bool wasmx_store_set_fuel_callback(wasm_store_t *store,
                                   wasmx_fuel_callback_t callback,
                                   void *env,
                                   void (*finalizer)(void*));

/// # Interrupts and deadlines
///
/// What stops the store's guest from other threads, owned by the caller. It does not keep the store alive. NULL if
/// `store` is NULL.
WASM_API_EXTERN struct wasmx_interrupter_t *wasmx_store_interrupter(const wasm_store_t *store);

/// Deletes an interrupter. NULL is ignored.
WASM_API_EXTERN void wasmx_interrupter_delete(struct wasmx_interrupter_t *interrupter);

/// One more interrupter of the same store, owned by the caller; NULL if `interrupter` is NULL.
WASM_API_EXTERN struct wasmx_interrupter_t *wasmx_interrupter_copy(const struct wasmx_interrupter_t *interrupter);

/// Stops the guest with a trap of kind `WASMX_TRAP_INTERRUPTED`: at its next loop iteration or call, in a blocking
/// `memory.atomic.wait` or WASI call, or between parts of a large `memory.fill` or `memory.copy`, which may be done in
/// part. When no guest runs, the next one stops as soon as it loops or calls, unless `wasmx_store_clear_interrupt` comes
/// before. The store can be used again after that trap. A host function that is running is not disturbed. May be called
/// from any thread at any time, but not from a signal handler. False if the store is gone, or `interrupter` is NULL.
WASM_API_EXTERN
bool wasmx_interrupter_interrupt(const struct wasmx_interrupter_t *interrupter);

/// As `wasmx_interrupter_interrupt`, for a store that is sure to exist during the call: unlike other functions on a store,
/// this one may be called from any thread. False if `store` is NULL.
WASM_API_EXTERN
bool wasmx_store_interrupt(const wasm_store_t *store);

/// Takes back an interrupt, or a deadline that has passed, that no guest has noticed yet. True if there was one; false if
/// not, and if `store` is NULL.
WASM_API_EXTERN
bool wasmx_store_clear_interrupt(wasm_store_t *store);

/// Stops the guest when so many nanoseconds from now have passed, as an interrupt does, but with a trap of kind
/// `WASMX_TRAP_DEADLINE`. Replaces an earlier deadline. The time goes on between calls: a guest that is called after it
/// stops as soon as it loops or calls. The first deadline of a process starts a thread, which handles no signals and ends
/// when there have been no deadlines for a tenth of a second. False if no thread can be started, or `store` is NULL.
WASM_API_EXTERN
bool wasmx_store_set_deadline(wasm_store_t *store,
                              uint64_t nanoseconds);

/// Takes a deadline away, and also takes it back if it has passed and no guest has noticed. Nothing happens if there is
/// none, or `store` is NULL.
WASM_API_EXTERN void wasmx_store_clear_deadline(wasm_store_t *store);

/// # Limits
///
/// Sets how much each store or module of the engine may use; UINT64_MAX stands for as much as there is. What exceeds a
/// limit of a module is no valid module; what exceeds one of a store is refused by the call that asks for it, and an
/// instantiation fails with a trap of kind `WASMX_TRAP_LIMIT_EXCEEDED`. In guest code `memory.grow` and `table.grow` give
/// -1, new objects a trap of kind `WASMX_TRAP_OUT_OF_MEMORY`, and deep calls one of kind `WASMX_TRAP_STACK_OVERFLOW`. The
/// same happens when the system has no more memory. False if there is no such limit, `most` is more than is possible for a
/// stack, or `config` is NULL.
WASM_API_EXTERN
bool wasmx_config_set_limit(wasm_config_t *config,
                            wasmx_limit_t limit,
                            uint64_t most);

/// What is set; 0 if there is no such limit, or `config` is NULL.
WASM_API_EXTERN uint64_t wasmx_config_limit(const wasm_config_t *config, wasmx_limit_t limit);

/// Sets how much a store may use from now on; what it uses already stays. False if stores have no such limit, or `store`
/// is NULL.
WASM_API_EXTERN
bool wasmx_store_set_limit(wasm_store_t *store,
                           wasmx_limit_t limit,
                           uint64_t most);

/// What is set; 0 if stores have no such limit, or `store` is NULL.
WASM_API_EXTERN uint64_t wasmx_store_limit(const wasm_store_t *store, wasmx_limit_t limit);

/// Asks `callback` before every growth of a memory or table of the store, and for every new one; NULL stands for nobody.
/// A refusal is like a limit that is exceeded. `finalizer` (may be NULL) is called once with `env`, when another callback
/// takes its place or the store dies. False, and no finalizer is called, if `store` is NULL.
WASM_API_EXTERN
bool wasmx_store_set_growth_callback(wasm_store_t *store,
                                     wasmx_growth_callback_t callback,
                                     void *env,
                                     void (*finalizer)(void*));

/// # Allocators
///
/// Has all linear memories of the engine, those of modules, of `wasm_memory_new` and shared ones, lie in buffers of the host's.
/// Reads `allocator`; NULL stands for the system, as at first. The library then reserves no address space for memories, and keeps
/// none for instances to come. False, and no finalizer is called, if a function is missing or `config` is NULL.
WASM_API_EXTERN
bool wasmx_config_set_memory_allocator(wasm_config_t *config,
                                       const struct wasmx_memory_allocator_t *allocator);

/// Has the library allocate by functions of the host's, for the rest of the process's life. Must be the first function of the
/// library that is called. Reads `allocator`. Not covered: linear memories (`wasmx_config_set_memory_allocator`) and other
/// mappings of the system's (stacks of stores, heaps of structures and arrays, machine code), arrays of vectors, which
/// hosts may give to `free`, and what the C library allocates for threads and files. False if the library has allocated
/// something already, a function is missing, `allocator` is NULL, or the library was built without the feature `heap`;
/// `wasmx_last_error` is not set then.
WASM_API_EXTERN
bool wasmx_set_allocator(const struct wasmx_allocator_t *allocator);

/// # Traps and frames
///
/// Why the guest stopped, one of `wasmx_trapkind_enum`; 0 (`WASMX_TRAP_NONE`) if `trap` is NULL.
WASM_API_EXTERN wasmx_trapkind_t wasmx_trap_kind(const wasm_trap_t *trap);

/// Writes the address in the guest's memory at which a load or store would have begun that was out of bounds. False, and
/// `out` is untouched, if it is not known: the trap is of another kind, or came from an instruction on many bytes; and if
/// an argument is NULL.
WASM_API_EXTERN
bool wasmx_trap_fault_address(const wasm_trap_t *trap,
                              uint64_t *out);

/// Writes the frames as text (UTF-8 as far as names are, no NUL at the end) to `out`, which the caller owns: one line for
/// each, innermost first, with its number, the offset in the module, and the names of module and function as far as the
/// module gives them. Empty if no guest code was running, or `trap` is NULL.
WASM_API_EXTERN
void wasmx_trap_backtrace(const wasm_trap_t *trap,
                          wasm_byte_vec_t *out);

/// Writes the name that the module's name section gives the function to `out`, without a NUL at its end; the caller owns
/// it. False, and `out` is empty, if there is none or `frame` is NULL.
WASM_API_EXTERN
bool wasmx_frame_func_name(const wasm_frame_t *frame,
                           wasm_name_t *out);

/// As `wasmx_frame_func_name`, for the name of the module.
WASM_API_EXTERN bool wasmx_frame_module_name(const wasm_frame_t *frame, wasm_name_t *out);

/// # WASI
///
/// As `wasi_config_preopen_dir`, with permissions one by one: a sum of `wasmx_wasi_perms_enum`. Names, sizes and times can
/// always be read. False, and nothing changes, if the directory cannot be opened, `perms` has other bits, or an argument
/// is NULL.
WASM_API_EXTERN
bool wasmx_wasi_config_preopen_dir(wasi_config_t *config,
                                   const char *host_path,
                                   const char *guest_path,
                                   uint32_t perms);

/// Gives the guest a socket that listens at `address`: "127.0.0.1:8080", "[::1]:0" or "unix:/path". It gets the next
/// descriptor, counted from 3 on with the directories, in the order of configuration. Writes the port that it listens at,
/// which the system chooses if 0 was asked for, to `port` (may be NULL; 0 for unix). False, and nothing changes, if the
/// address makes no sense or cannot be had, or `config` or `address` is NULL.
WASM_API_EXTERN
bool wasmx_wasi_config_preopen_listener(wasi_config_t *config,
                                        const char *address,
                                        uint16_t *port);

/// Gives the guest an open socket of the host's, listening or connected, as the next descriptor. Takes over `fd`, which
/// does not block from then on. False if it is no stream socket or `config` is NULL; then `fd` stays the caller's.
WASM_API_EXTERN bool wasmx_wasi_config_preopen_socket(wasi_config_t *config, int fd);

/// Shows the guest a clock that is the same on every run: real time starts at `start` nanoseconds since 1970, all clocks
/// move on by `step` nanoseconds with each reading, and whoever waits for a clock finds that the time has passed.
WASM_API_EXTERN
void wasmx_wasi_config_set_virtual_clock(wasi_config_t *config,
                                         uint64_t start,
                                         uint64_t step);

/// Gives the guest random numbers that `seed` determines, instead of the system's. Not for secrets.
WASM_API_EXTERN void wasmx_wasi_config_set_random_seed(wasi_config_t *config, uint64_t seed);

/// How many descriptors the guest may have open at a time, those it is given included; 4096 unless set.
WASM_API_EXTERN void wasmx_wasi_config_set_max_fds(wasi_config_t *config, uint32_t most);

/// How many unread bytes of captured output are kept, for each of standard output and error; what exceeds them is
/// dropped. A megabyte unless set.
WASM_API_EXTERN void wasmx_wasi_config_set_capture_limit(wasi_config_t *config, size_t bytes);

/// Lets the guest start threads (`wasi` `thread-spawn`), up to `most` at a time besides its first: threads of the system's,
/// each with a store of its own, which has the limits of the first. All its module's imports must be of WASI, and the memory,
/// which is shared. A trap or an exit in any of them ends the program in all: a call that the host has under way, or makes next,
/// ends with a trap. Threads that still run when the first has returned go on until the environment is deleted. None unless
/// set.
WASM_API_EXTERN
void wasmx_wasi_config_allow_threads(wasi_config_t *config,
                                     uint32_t most);

/// Whether a thread that the guest has started trapped and so ended the program; then the message, ending in a NUL, is
/// written to `out`, and the caller owns it. Else `out` is empty. False if an argument is NULL. May be called from any
/// thread.
WASM_API_EXTERN bool wasmx_wasi_env_thread_trap(const wasi_env_t *env, wasm_message_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* WASMX_H */
