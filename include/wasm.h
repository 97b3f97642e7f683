/*
 * The standard C API of WebAssembly, as implemented by libwasm.
 *
 * This file is made from the sources in src/capi; do not edit it.
 *
 * ## Ownership
 *
 * - A `wasm_X_t *` returned by `wasm_X_new`, `wasm_X_copy` and other functions that say "owned by the caller" must be
 *   given to `wasm_X_delete` once, or to a function that "takes over" it. What a function takes over must not be used
 *   again, whether the function succeeds or not.
 * - "Borrowed" results belong to somebody else: they are not deleted, and are valid as long as their owner.
 * - Where nothing is said, an argument is only read during the call.
 * - Each owned pointer to a function, global, table, memory, instance, module, trap or foreign object keeps that object
 *   and its store alive. Owners may be deleted in any order, the store, the engine and the module before their
 *   instances too. Deleting an owner does not end the object while something else, in the host or in the guest, can
 *   still reach it. A copy may be the very same pointer as the original; it must be deleted all the same, and `same`
 *   says whether two pointers mean one object.
 *
 * ## Failure
 *
 * A function that cannot do its work returns NULL, false or 0, or leaves an empty vector in `out`, and changes nothing
 * else. NULL where an object is needed, and an object of the wrong kind, are such failures; they are not crashes.
 * `wasmx_last_error()` in wasmx.h gives the reason. Running guest code reports failure through `wasm_trap_t` instead.
 *
 * ## Threads
 *
 * Engines, configurations, type objects and shared modules may be used from any thread, but by one at a time while they
 * are changed or deleted. A store, together with everything made in it, belongs to one thread at a time: it may move to
 * another thread, but two threads may not use it at once. Different stores are independent. Use `wasm_module_share` to
 * bring a module to another store.
 *
 * ## Vectors
 *
 * A `wasm_X_vec_t` is a size and an array, which is NULL when the size is 0. `out` parameters are written without being
 * read: delete what was there before. A vector that cannot be made, because `out` or its source is NULL or because
 * there is no memory, is left empty. A host that fills in `data` by itself (WASM_ARRAY_VEC) must not delete that
 * vector, unless the array came from malloc.
 */

#ifndef WASM_H
#define WASM_H


#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

#ifndef WASM_API_EXTERN
#if defined(_WIN32) && !defined(__MINGW32__) && !defined(LIBWASM_STATIC)
#define WASM_API_EXTERN __declspec(dllimport)
#else
#define WASM_API_EXTERN
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/// The maximum of limits that have none.
static const uint32_t wasm_limits_max_default = 0xffffffff;

/// Bytes in a page of memory.
static const size_t MEMORY_PAGE_SIZE = 0x10000;

#ifdef __cplusplus
}
#endif

/* A name is a byte vector, so its functions are those of byte vectors. */
#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete


/// The kinds of values that the standard API can hold.
typedef enum wasm_valkind_enum {
  /// A 32-bit integer, signed or not.
  WASM_I32 = 0,
  /// A 64-bit integer, signed or not.
  WASM_I64 = 1,
  /// An IEEE 754 single.
  WASM_F32 = 2,
  /// An IEEE 754 double.
  WASM_F64 = 3,
  /// A reference to anything of the host's; NULL is the null reference.
  WASM_EXTERNREF = 128,
  /// A reference to a function; NULL is the null reference.
  WASM_FUNCREF = 129,
} wasm_valkind_enum;

/// The kinds of imports and exports.
typedef enum wasm_externkind_enum {
  WASM_EXTERN_FUNC = 0,
  WASM_EXTERN_GLOBAL = 1,
  WASM_EXTERN_TABLE = 2,
  WASM_EXTERN_MEMORY = 3,
  WASM_EXTERN_TAG = 4,
} wasm_externkind_enum;

/// Whether a global can change.
typedef enum wasm_mutability_enum {
  WASM_CONST = 0,
  WASM_VAR = 1,
} wasm_mutability_enum;

/// How an engine behaves. Extended by the `wasmx_config_*` functions.
typedef struct wasm_config_t wasm_config_t;

/// What stores share: a configuration and compiled code. May be used by all threads at once.
typedef struct wasm_engine_t wasm_engine_t;

/// An export of a module: its name and its type.
typedef struct wasm_exporttype_t wasm_exporttype_t;

/// A function, global, table, memory or tag, as something to import or export.
typedef struct wasm_extern_t wasm_extern_t;

/// The type of something imported or exported: a function, global, table, memory or tag type.
typedef struct wasm_externtype_t wasm_externtype_t;

/// An object of the host's that guest code can hold as an `externref`.
typedef struct wasm_foreign_t wasm_foreign_t;

/// A frame of a backtrace: a function of the guest that was running when a trap arose.
typedef struct wasm_frame_t wasm_frame_t;

/// A function, of the guest or of the host.
typedef struct wasm_func_t wasm_func_t;

/// The type of a function: its parameters and results.
typedef struct wasm_functype_t wasm_functype_t;

/// A global variable.
typedef struct wasm_global_t wasm_global_t;

/// The type of a global: what it holds, and whether it can change.
typedef struct wasm_globaltype_t wasm_globaltype_t;

/// An import of a module: the module and the name it is asked from, and its type.
typedef struct wasm_importtype_t wasm_importtype_t;

/// An instance of a module.
typedef struct wasm_instance_t wasm_instance_t;

/// A linear memory.
typedef struct wasm_memory_t wasm_memory_t;

/// The type of a memory: its limits.
typedef struct wasm_memorytype_t wasm_memorytype_t;

/// A validated module, ready to be instantiated in its store.
typedef struct wasm_module_t wasm_module_t;

/// A reference to an object of any kind: function, global, table, memory, tag, instance, module, trap or foreign; or to
/// a value of the guest's own: a structure, an array, an exception or an `i31` (see wasmx.h).
typedef struct wasm_ref_t wasm_ref_t;

/// A module's code on its own, for bringing it to other stores, on any thread.
typedef struct wasm_shared_module_t wasm_shared_module_t;

/// A world of objects. Everything made in it keeps it alive.
typedef struct wasm_store_t wasm_store_t;

/// A table of references.
typedef struct wasm_table_t wasm_table_t;

/// The type of a table: its elements and its limits.
typedef struct wasm_tabletype_t wasm_tabletype_t;

/// The type of an exception tag: a function type whose parameters are what the exception carries.
typedef struct wasm_tagtype_t wasm_tagtype_t;

/// What stopped the guest: a message, and the frames that were running.
typedef struct wasm_trap_t wasm_trap_t;

/// The type of a value.
typedef struct wasm_valtype_t wasm_valtype_t;

/// A byte as C programs see it.
typedef char byte_t;

/// The element of a byte vector.
typedef byte_t wasm_byte_t;

/// Bytes: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_byte_vec_t {
  size_t size;
  wasm_byte_t *data;
} wasm_byte_vec_t;

/// Value types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_valtype_vec_t {
  size_t size;
  struct wasm_valtype_t **data;
} wasm_valtype_vec_t;

/// What a value is: one of `wasm_valkind_enum`.
typedef uint8_t wasm_valkind_t;

/// Function types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_functype_vec_t {
  size_t size;
  struct wasm_functype_t **data;
} wasm_functype_vec_t;

/// Global types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_globaltype_vec_t {
  size_t size;
  struct wasm_globaltype_t **data;
} wasm_globaltype_vec_t;

/// Whether a global can change: one of `wasm_mutability_enum`.
typedef uint8_t wasm_mutability_t;

/// Table types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_tabletype_vec_t {
  size_t size;
  struct wasm_tabletype_t **data;
} wasm_tabletype_vec_t;

/// How large a table (in elements) or memory (in pages) is at first and may become: `wasm_limits_max_default` as `max`
/// means that there is no maximum.
typedef struct wasm_limits_t {
  uint32_t min;
  uint32_t max;
} wasm_limits_t;

/// Memory types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_memorytype_vec_t {
  size_t size;
  struct wasm_memorytype_t **data;
} wasm_memorytype_vec_t;

/// Tag types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_tagtype_vec_t {
  size_t size;
  struct wasm_tagtype_t **data;
} wasm_tagtype_vec_t;

/// External types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_externtype_vec_t {
  size_t size;
  struct wasm_externtype_t **data;
} wasm_externtype_vec_t;

/// What something imported or exported is: one of `wasm_externkind_enum`.
typedef uint8_t wasm_externkind_t;

/// Import types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_importtype_vec_t {
  size_t size;
  struct wasm_importtype_t **data;
} wasm_importtype_vec_t;

/// A name: UTF-8 in a byte vector, without a terminating NUL.
typedef struct wasm_byte_vec_t wasm_name_t;

/// Export types: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_exporttype_vec_t {
  size_t size;
  struct wasm_exporttype_t **data;
} wasm_exporttype_vec_t;

/// A single precision number.
typedef float float32_t;

/// A double precision number.
typedef double float64_t;

/// What a value holds; its kind says which.
typedef union wasm_val_of_t {
  int32_t i32;
  int64_t i64;
  float32_t f32;
  float64_t f64;
  /// Owned by the value; NULL is the null reference.
  struct wasm_ref_t *ref;
} wasm_val_of_t;

/// A value.
typedef struct wasm_val_t {
  wasm_valkind_t kind;
  union wasm_val_of_t of;
} wasm_val_t;

/// Values: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_val_vec_t {
  size_t size;
  struct wasm_val_t *data;
} wasm_val_vec_t;

/// Frames: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_frame_vec_t {
  size_t size;
  struct wasm_frame_t **data;
} wasm_frame_vec_t;

/// The text of a trap: a byte vector that ends in a NUL.
typedef wasm_name_t wasm_message_t;

/// A function of the host's. `args` is borrowed. `results` has room for as many values as the function has results,
/// already of the right kinds and zero or null; the callback writes them, and gives up what references it puts there.
/// It returns NULL, or a trap that it gives up, which stops the guest and comes out of the outermost `wasm_func_call`
/// unchanged; one of another store comes out as a new trap with the same message.
typedef struct wasm_trap_t *(*wasm_func_callback_t)(const struct wasm_val_vec_t *args, struct wasm_val_vec_t *results);

/// As `wasm_func_callback_t`, with the `env` that the function was made with.
typedef struct wasm_trap_t *(*wasm_func_callback_with_env_t)(void *env,
                                                             const struct wasm_val_vec_t *args,
                                                             struct wasm_val_vec_t *results);

/// A size or an index of a table.
typedef uint32_t wasm_table_size_t;

/// A size of a memory in pages.
typedef uint32_t wasm_memory_pages_t;

/// Externals: `size` elements at `data`. Owns the array and the elements.
typedef struct wasm_extern_vec_t {
  size_t size;
  struct wasm_extern_t **data;
} wasm_extern_vec_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// # Byte vectors
///
/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_byte_vec_new_empty(struct wasm_byte_vec_t *out);

/// Makes a vector of `size` zeroed bytes in `out`. Fails (see Vectors) if there is no memory for it.
WASM_API_EXTERN void wasm_byte_vec_new_uninitialized(struct wasm_byte_vec_t *out, size_t size);

/// Makes a vector with a copy of the `size` bytes at `data` in `out`. Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN void wasm_byte_vec_new(struct wasm_byte_vec_t *out, size_t size, const wasm_byte_t *data);

/// Copies `source` into `out`. Fails if `source` is NULL.
WASM_API_EXTERN void wasm_byte_vec_copy(struct wasm_byte_vec_t *out, const struct wasm_byte_vec_t *source);

/// Deletes the array and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_byte_vec_delete(struct wasm_byte_vec_t *vec);

/// # Configurations
///
/// Deletes a configuration. NULL is ignored.
WASM_API_EXTERN void wasm_config_delete(struct wasm_config_t *config);

/// The default configuration, owned by the caller.
WASM_API_EXTERN struct wasm_config_t *wasm_config_new(void);

/// # Engines
///
/// Deletes the host's hold on an engine; stores made from it keep working. NULL is ignored.
WASM_API_EXTERN void wasm_engine_delete(struct wasm_engine_t *engine);

/// An engine with the default configuration, owned by the caller.
WASM_API_EXTERN struct wasm_engine_t *wasm_engine_new(void);

/// An engine with a configuration, owned by the caller. Takes over `config`; NULL stands for the default.
WASM_API_EXTERN struct wasm_engine_t *wasm_engine_new_with_config(struct wasm_config_t *config);

/// # Stores
///
/// Deletes the host's hold on a store; it lives on as long as anything made in it has an owner. NULL is ignored.
WASM_API_EXTERN void wasm_store_delete(struct wasm_store_t *store);

/// A store, owned by the caller. It keeps the engine alive. NULL if `engine` is NULL or there is no memory for its
/// stack.
WASM_API_EXTERN struct wasm_store_t *wasm_store_new(struct wasm_engine_t *engine);

/// # Value types
///
/// Deletes a value type. NULL is ignored.
WASM_API_EXTERN void wasm_valtype_delete(struct wasm_valtype_t *ty);

/// A copy of a value type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasm_valtype_t *wasm_valtype_copy(const struct wasm_valtype_t *ty);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_valtype_vec_new_empty(struct wasm_valtype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with value types it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_valtype_vec_new_uninitialized(struct wasm_valtype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the value types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_valtype_vec_new(struct wasm_valtype_vec_t *out,
                          size_t size,
                          struct wasm_valtype_t *const *data);

/// Copies `source` and each of its value types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN void wasm_valtype_vec_copy(struct wasm_valtype_vec_t *out, const struct wasm_valtype_vec_t *source);

/// Deletes the array and the value types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_valtype_vec_delete(struct wasm_valtype_vec_t *vec);

/// The value type of a kind, owned by the caller; NULL if `kind` is not one of `wasm_valkind_enum`.
WASM_API_EXTERN struct wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind);

/// The kind of a value type; 0 (`WASM_I32`) if `ty` is NULL. Types of the guest's that are none of the standard's six have
/// the kind of the type at the top of their hierarchy, which may be one of `wasmx_valkind_enum` in wasmx.h.
WASM_API_EXTERN
wasm_valkind_t wasm_valtype_kind(const struct wasm_valtype_t *ty);

/// # Function types
///
/// Deletes a function type. NULL is ignored.
WASM_API_EXTERN void wasm_functype_delete(struct wasm_functype_t *ty);

/// A copy of a function type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasm_functype_t *wasm_functype_copy(const struct wasm_functype_t *ty);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_functype_vec_new_empty(struct wasm_functype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with function types it then owns. Fails (see Vectors)
/// if there is no memory for it.
WASM_API_EXTERN void wasm_functype_vec_new_uninitialized(struct wasm_functype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the function types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_functype_vec_new(struct wasm_functype_vec_t *out,
                           size_t size,
                           struct wasm_functype_t *const *data);

/// Copies `source` and each of its function types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN void wasm_functype_vec_copy(struct wasm_functype_vec_t *out, const struct wasm_functype_vec_t *source);

/// Deletes the array and the function types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_functype_vec_delete(struct wasm_functype_vec_t *vec);

/// A function type, owned by the caller. Takes over both vectors and leaves them empty; NULL stands for an empty one.
/// Returns NULL, and deletes what the vectors held, if an element is NULL.
WASM_API_EXTERN
struct wasm_functype_t *wasm_functype_new(struct wasm_valtype_vec_t *params,
                                          struct wasm_valtype_vec_t *results);

/// The parameter types, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
WASM_API_EXTERN const struct wasm_valtype_vec_t *wasm_functype_params(const struct wasm_functype_t *ty);

/// The result types, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
WASM_API_EXTERN const struct wasm_valtype_vec_t *wasm_functype_results(const struct wasm_functype_t *ty);

/// # Global types
///
/// Deletes a global type. NULL is ignored.
WASM_API_EXTERN void wasm_globaltype_delete(struct wasm_globaltype_t *ty);

/// A copy of a global type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasm_globaltype_t *wasm_globaltype_copy(const struct wasm_globaltype_t *ty);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_globaltype_vec_new_empty(struct wasm_globaltype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with global types it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_globaltype_vec_new_uninitialized(struct wasm_globaltype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the global types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_globaltype_vec_new(struct wasm_globaltype_vec_t *out,
                             size_t size,
                             struct wasm_globaltype_t *const *data);

/// Copies `source` and each of its global types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN
void wasm_globaltype_vec_copy(struct wasm_globaltype_vec_t *out,
                              const struct wasm_globaltype_vec_t *source);

/// Deletes the array and the global types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_globaltype_vec_delete(struct wasm_globaltype_vec_t *vec);

/// A global type, owned by the caller. Takes over `content`. Returns NULL (and deletes `content`) if `content` is NULL
/// or `mutability` is not one of `wasm_mutability_enum`.
WASM_API_EXTERN
struct wasm_globaltype_t *wasm_globaltype_new(struct wasm_valtype_t *content,
                                              wasm_mutability_t mutability);

/// The type of the content, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
WASM_API_EXTERN const struct wasm_valtype_t *wasm_globaltype_content(const struct wasm_globaltype_t *ty);

/// Whether such a global can change; 0 (`WASM_CONST`) if `ty` is NULL.
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const struct wasm_globaltype_t *ty);

/// # Table types
///
/// Deletes a table type. NULL is ignored.
WASM_API_EXTERN void wasm_tabletype_delete(struct wasm_tabletype_t *ty);

/// A copy of a table type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasm_tabletype_t *wasm_tabletype_copy(const struct wasm_tabletype_t *ty);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_tabletype_vec_new_empty(struct wasm_tabletype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with table types it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_tabletype_vec_new_uninitialized(struct wasm_tabletype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the table types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_tabletype_vec_new(struct wasm_tabletype_vec_t *out,
                            size_t size,
                            struct wasm_tabletype_t *const *data);

/// Copies `source` and each of its table types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN
void wasm_tabletype_vec_copy(struct wasm_tabletype_vec_t *out,
                             const struct wasm_tabletype_vec_t *source);

/// Deletes the array and the table types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_tabletype_vec_delete(struct wasm_tabletype_vec_t *vec);

/// A table type, owned by the caller. Takes over `element`; reads `limits`. Returns NULL (and deletes `element`) if
/// either is NULL or `element` is not a reference type.
WASM_API_EXTERN
struct wasm_tabletype_t *wasm_tabletype_new(struct wasm_valtype_t *element,
                                            const struct wasm_limits_t *limits);

/// The type of the elements, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
WASM_API_EXTERN const struct wasm_valtype_t *wasm_tabletype_element(const struct wasm_tabletype_t *ty);

/// The limits in elements, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
WASM_API_EXTERN const struct wasm_limits_t *wasm_tabletype_limits(const struct wasm_tabletype_t *ty);

/// # Memory types
///
/// Deletes a memory type. NULL is ignored.
WASM_API_EXTERN void wasm_memorytype_delete(struct wasm_memorytype_t *ty);

/// A copy of a memory type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasm_memorytype_t *wasm_memorytype_copy(const struct wasm_memorytype_t *ty);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_memorytype_vec_new_empty(struct wasm_memorytype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with memory types it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_memorytype_vec_new_uninitialized(struct wasm_memorytype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the memory types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_memorytype_vec_new(struct wasm_memorytype_vec_t *out,
                             size_t size,
                             struct wasm_memorytype_t *const *data);

/// Copies `source` and each of its memory types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN
void wasm_memorytype_vec_copy(struct wasm_memorytype_vec_t *out,
                              const struct wasm_memorytype_vec_t *source);

/// Deletes the array and the memory types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_memorytype_vec_delete(struct wasm_memorytype_vec_t *vec);

/// A memory type, owned by the caller. Reads `limits`, in pages of `MEMORY_PAGE_SIZE`; NULL if `limits` is NULL.
WASM_API_EXTERN struct wasm_memorytype_t *wasm_memorytype_new(const struct wasm_limits_t *limits);

/// The limits in pages, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
WASM_API_EXTERN const struct wasm_limits_t *wasm_memorytype_limits(const struct wasm_memorytype_t *ty);

/// # Tag types
///
/// Deletes a tag type. NULL is ignored.
WASM_API_EXTERN void wasm_tagtype_delete(struct wasm_tagtype_t *ty);

/// A copy of a tag type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasm_tagtype_t *wasm_tagtype_copy(const struct wasm_tagtype_t *ty);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_tagtype_vec_new_empty(struct wasm_tagtype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with tag types it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_tagtype_vec_new_uninitialized(struct wasm_tagtype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the tag types behind
/// them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_tagtype_vec_new(struct wasm_tagtype_vec_t *out,
                          size_t size,
                          struct wasm_tagtype_t *const *data);

/// Copies `source` and each of its tag types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN void wasm_tagtype_vec_copy(struct wasm_tagtype_vec_t *out, const struct wasm_tagtype_vec_t *source);

/// Deletes the array and the tag types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_tagtype_vec_delete(struct wasm_tagtype_vec_t *vec);

/// A tag type, owned by the caller. Takes over `functype`; NULL if that is NULL.
WASM_API_EXTERN struct wasm_tagtype_t *wasm_tagtype_new(struct wasm_functype_t *functype);

/// The function type, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
WASM_API_EXTERN const struct wasm_functype_t *wasm_tagtype_functype(const struct wasm_tagtype_t *ty);

/// # External types
///
/// Deletes an external type. NULL is ignored.
WASM_API_EXTERN void wasm_externtype_delete(struct wasm_externtype_t *ty);

/// A copy of an external type, owned by the caller; NULL if `ty` is NULL.
WASM_API_EXTERN struct wasm_externtype_t *wasm_externtype_copy(const struct wasm_externtype_t *ty);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_externtype_vec_new_empty(struct wasm_externtype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with external types it then owns. Fails (see Vectors)
/// if there is no memory for it.
WASM_API_EXTERN void wasm_externtype_vec_new_uninitialized(struct wasm_externtype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the external types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_externtype_vec_new(struct wasm_externtype_vec_t *out,
                             size_t size,
                             struct wasm_externtype_t *const *data);

/// Copies `source` and each of its external types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN
void wasm_externtype_vec_copy(struct wasm_externtype_vec_t *out,
                              const struct wasm_externtype_vec_t *source);

/// Deletes the array and the external types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_externtype_vec_delete(struct wasm_externtype_vec_t *vec);

/// What the type is of, one of `wasm_externkind_enum`; 0 (`WASM_EXTERN_FUNC`) if `ty` is NULL.
WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const struct wasm_externtype_t *ty);

/// A function type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
WASM_API_EXTERN struct wasm_externtype_t *wasm_functype_as_externtype(struct wasm_functype_t *ty);

/// As `wasm_functype_as_externtype`, without leave to change it.
WASM_API_EXTERN const struct wasm_externtype_t *wasm_functype_as_externtype_const(const struct wasm_functype_t *ty);

/// The function type that an external type is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_functype_t *wasm_externtype_as_functype(struct wasm_externtype_t *ty);

/// As `wasm_externtype_as_functype`, without leave to change it.
WASM_API_EXTERN const struct wasm_functype_t *wasm_externtype_as_functype_const(const struct wasm_externtype_t *ty);

/// A global type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
WASM_API_EXTERN struct wasm_externtype_t *wasm_globaltype_as_externtype(struct wasm_globaltype_t *ty);

/// As `wasm_globaltype_as_externtype`, without leave to change it.
WASM_API_EXTERN const struct wasm_externtype_t *wasm_globaltype_as_externtype_const(const struct wasm_globaltype_t *ty);

/// The global type that an external type is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_globaltype_t *wasm_externtype_as_globaltype(struct wasm_externtype_t *ty);

/// As `wasm_externtype_as_globaltype`, without leave to change it.
WASM_API_EXTERN const struct wasm_globaltype_t *wasm_externtype_as_globaltype_const(const struct wasm_externtype_t *ty);

/// A table type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
WASM_API_EXTERN struct wasm_externtype_t *wasm_tabletype_as_externtype(struct wasm_tabletype_t *ty);

/// As `wasm_tabletype_as_externtype`, without leave to change it.
WASM_API_EXTERN const struct wasm_externtype_t *wasm_tabletype_as_externtype_const(const struct wasm_tabletype_t *ty);

/// The table type that an external type is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_tabletype_t *wasm_externtype_as_tabletype(struct wasm_externtype_t *ty);

/// As `wasm_externtype_as_tabletype`, without leave to change it.
WASM_API_EXTERN const struct wasm_tabletype_t *wasm_externtype_as_tabletype_const(const struct wasm_externtype_t *ty);

/// A memory type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
WASM_API_EXTERN struct wasm_externtype_t *wasm_memorytype_as_externtype(struct wasm_memorytype_t *ty);

/// As `wasm_memorytype_as_externtype`, without leave to change it.
WASM_API_EXTERN const struct wasm_externtype_t *wasm_memorytype_as_externtype_const(const struct wasm_memorytype_t *ty);

/// The memory type that an external type is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_memorytype_t *wasm_externtype_as_memorytype(struct wasm_externtype_t *ty);

/// As `wasm_externtype_as_memorytype`, without leave to change it.
WASM_API_EXTERN const struct wasm_memorytype_t *wasm_externtype_as_memorytype_const(const struct wasm_externtype_t *ty);

/// A tag type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
WASM_API_EXTERN struct wasm_externtype_t *wasm_tagtype_as_externtype(struct wasm_tagtype_t *ty);

/// As `wasm_tagtype_as_externtype`, without leave to change it.
WASM_API_EXTERN const struct wasm_externtype_t *wasm_tagtype_as_externtype_const(const struct wasm_tagtype_t *ty);

/// The tag type that an external type is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_tagtype_t *wasm_externtype_as_tagtype(struct wasm_externtype_t *ty);

/// As `wasm_externtype_as_tagtype`, without leave to change it.
WASM_API_EXTERN const struct wasm_tagtype_t *wasm_externtype_as_tagtype_const(const struct wasm_externtype_t *ty);

/// # Import types
///
/// Deletes an import type. NULL is ignored.
WASM_API_EXTERN void wasm_importtype_delete(struct wasm_importtype_t *import);

/// A copy of an import type, owned by the caller; NULL if `import` is NULL.
WASM_API_EXTERN struct wasm_importtype_t *wasm_importtype_copy(const struct wasm_importtype_t *import);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_importtype_vec_new_empty(struct wasm_importtype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with import types it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_importtype_vec_new_uninitialized(struct wasm_importtype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the import types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_importtype_vec_new(struct wasm_importtype_vec_t *out,
                             size_t size,
                             struct wasm_importtype_t *const *data);

/// Copies `source` and each of its import types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN
void wasm_importtype_vec_copy(struct wasm_importtype_vec_t *out,
                              const struct wasm_importtype_vec_t *source);

/// Deletes the array and the import types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_importtype_vec_delete(struct wasm_importtype_vec_t *vec);

/// An import type, owned by the caller. Takes over all three arguments and leaves the names empty; a NULL name is the
/// empty name. Returns NULL (and deletes the names) if `ty` is NULL.
WASM_API_EXTERN
struct wasm_importtype_t *wasm_importtype_new(wasm_name_t *module,
                                              wasm_name_t *name,
                                              struct wasm_externtype_t *ty);

/// The module the import is asked from, borrowed: valid as long as `import`. NULL if `import` is NULL.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_module(const struct wasm_importtype_t *import);

/// The name of the import, borrowed: valid as long as `import`. NULL if `import` is NULL.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_name(const struct wasm_importtype_t *import);

/// The type of the import, borrowed: valid as long as `import`. NULL if `import` is NULL.
WASM_API_EXTERN const struct wasm_externtype_t *wasm_importtype_type(const struct wasm_importtype_t *import);

/// # Export types
///
/// Deletes an export type. NULL is ignored.
WASM_API_EXTERN void wasm_exporttype_delete(struct wasm_exporttype_t *export_);

/// A copy of an export type, owned by the caller; NULL if `export` is NULL.
WASM_API_EXTERN struct wasm_exporttype_t *wasm_exporttype_copy(const struct wasm_exporttype_t *export_);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_exporttype_vec_new_empty(struct wasm_exporttype_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with export types it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_exporttype_vec_new_uninitialized(struct wasm_exporttype_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the export types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN
void wasm_exporttype_vec_new(struct wasm_exporttype_vec_t *out,
                             size_t size,
                             struct wasm_exporttype_t *const *data);

/// Copies `source` and each of its export types into `out`. Fails if `source` is NULL.
WASM_API_EXTERN
void wasm_exporttype_vec_copy(struct wasm_exporttype_vec_t *out,
                              const struct wasm_exporttype_vec_t *source);

/// Deletes the array and the export types in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_exporttype_vec_delete(struct wasm_exporttype_vec_t *vec);

/// An export type, owned by the caller. Takes over both arguments and leaves the name empty; a NULL name is the empty
/// name. Returns NULL (and deletes the name) if `ty` is NULL.
WASM_API_EXTERN struct wasm_exporttype_t *wasm_exporttype_new(wasm_name_t *name, struct wasm_externtype_t *ty);

/// The name of the export, borrowed: valid as long as `export`. NULL if `export` is NULL.
WASM_API_EXTERN const wasm_name_t *wasm_exporttype_name(const struct wasm_exporttype_t *export_);

/// The type of the export, borrowed: valid as long as `export`. NULL if `export` is NULL.
WASM_API_EXTERN const struct wasm_externtype_t *wasm_exporttype_type(const struct wasm_exporttype_t *export_);

/// # Values
///
/// Gives up the reference in `value`, if there is one, and makes it null. NULL is ignored.
WASM_API_EXTERN void wasm_val_delete(struct wasm_val_t *value);

/// Copies `source` to `out`, which is written without being read; a reference gains an owner.
WASM_API_EXTERN void wasm_val_copy(struct wasm_val_t *out, const struct wasm_val_t *source);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_val_vec_new_empty(struct wasm_val_vec_t *out);

/// Makes a vector of `size` zeroed values in `out`. Fails (see Vectors) if there is no memory for it.
WASM_API_EXTERN void wasm_val_vec_new_uninitialized(struct wasm_val_vec_t *out, size_t size);

/// Makes a vector with the `size` values at `data` in `out`: it copies the values and takes over the references in
/// them. Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN void wasm_val_vec_new(struct wasm_val_vec_t *out, size_t size, const struct wasm_val_t *data);

/// Copies `source` into `out`; every reference in it gains an owner.
WASM_API_EXTERN void wasm_val_vec_copy(struct wasm_val_vec_t *out, const struct wasm_val_vec_t *source);

/// Deletes the array and the references in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_val_vec_delete(struct wasm_val_vec_t *vec);

/// # References
///
/// Gives up one ownership of a reference. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_ref_delete(struct wasm_ref_t *reference);

/// One more owner of the same reference; NULL if `reference` is NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_ref_copy(const struct wasm_ref_t *reference);

/// Whether both are the same reference: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_ref_same(const struct wasm_ref_t *a, const struct wasm_ref_t *b);

/// The host's data on a reference, or NULL.
WASM_API_EXTERN void *wasm_ref_get_host_info(const struct wasm_ref_t *reference);

/// Sets the host's data on a reference, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_ref_set_host_info(struct wasm_ref_t *reference, void *info);

/// As `wasm_ref_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or the
/// object dies.
WASM_API_EXTERN
void wasm_ref_set_host_info_with_finalizer(struct wasm_ref_t *reference,
                                           void *info,
                                           void (*finalizer)(void*));

/// # Frames
///
/// Deletes a frame. NULL is ignored.
WASM_API_EXTERN void wasm_frame_delete(struct wasm_frame_t *frame);

/// A copy of a frame, owned by the caller; NULL if `frame` is NULL.
WASM_API_EXTERN struct wasm_frame_t *wasm_frame_copy(const struct wasm_frame_t *frame);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_frame_vec_new_empty(struct wasm_frame_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with frames it then owns. Fails (see Vectors) if there
/// is no memory for it.
WASM_API_EXTERN void wasm_frame_vec_new_uninitialized(struct wasm_frame_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the frames behind
/// them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN void wasm_frame_vec_new(struct wasm_frame_vec_t *out, size_t size, struct wasm_frame_t *const *data);

/// Copies `source` and each of its frames into `out`. Fails if `source` is NULL.
WASM_API_EXTERN void wasm_frame_vec_copy(struct wasm_frame_vec_t *out, const struct wasm_frame_vec_t *source);

/// Deletes the array and the frames in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_frame_vec_delete(struct wasm_frame_vec_t *vec);

/// The instance whose function was running. Borrowed: valid as long as `frame`. NULL if `frame` is NULL.
WASM_API_EXTERN struct wasm_instance_t *wasm_frame_instance(const struct wasm_frame_t *frame);

/// The index of the function in its module, imported functions first; 0 if `frame` is NULL.
WASM_API_EXTERN uint32_t wasm_frame_func_index(const struct wasm_frame_t *frame);

/// The offset of the instruction from the start of the function's body, in bytes of the binary; 0 if `frame` is NULL.
WASM_API_EXTERN size_t wasm_frame_func_offset(const struct wasm_frame_t *frame);

/// The offset of the instruction from the start of the module's binary; 0 if `frame` is NULL.
WASM_API_EXTERN size_t wasm_frame_module_offset(const struct wasm_frame_t *frame);

/// # Traps
///
/// Gives up one ownership of a trap. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_trap_delete(struct wasm_trap_t *trap);

/// One more owner of the same trap; NULL if `trap` is NULL.
WASM_API_EXTERN struct wasm_trap_t *wasm_trap_copy(const struct wasm_trap_t *trap);

/// Whether both are the same trap: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_trap_same(const struct wasm_trap_t *a, const struct wasm_trap_t *b);

/// The host's data on a trap, or NULL.
WASM_API_EXTERN void *wasm_trap_get_host_info(const struct wasm_trap_t *trap);

/// Sets the host's data on a trap, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_trap_set_host_info(struct wasm_trap_t *trap, void *info);

/// As `wasm_trap_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or the
/// object dies.
WASM_API_EXTERN
void wasm_trap_set_host_info_with_finalizer(struct wasm_trap_t *trap,
                                            void *info,
                                            void (*finalizer)(void*));

/// A trap as a reference. Borrowed: valid as long as `trap`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_trap_as_ref(struct wasm_trap_t *trap);

/// As `wasm_trap_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_trap_as_ref_const(const struct wasm_trap_t *trap);

/// The trap that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_trap_t *wasm_ref_as_trap(struct wasm_ref_t *reference);

/// As `wasm_ref_as_trap`, without leave to change it.
WASM_API_EXTERN const struct wasm_trap_t *wasm_ref_as_trap_const(const struct wasm_ref_t *reference);

/// A trap with a message of the host's, owned by the caller: for callbacks to return. Reads `message`, with or without
/// a final NUL; NULL stands for the empty message. Made while guest code runs, it knows the frames. NULL if `store` is
/// NULL.
WASM_API_EXTERN struct wasm_trap_t *wasm_trap_new(struct wasm_store_t *store, const wasm_message_t *message);

/// Writes the message, ending in a NUL, to `out`; the caller owns it.
WASM_API_EXTERN void wasm_trap_message(const struct wasm_trap_t *trap, wasm_message_t *out);

/// The innermost frame, owned by the caller; NULL if no guest code was running.
WASM_API_EXTERN struct wasm_frame_t *wasm_trap_origin(const struct wasm_trap_t *trap);

/// Writes the frames, innermost first, to `out`; the caller owns them. Empty if no guest code was running.
WASM_API_EXTERN void wasm_trap_trace(const struct wasm_trap_t *trap, struct wasm_frame_vec_t *out);

/// # Foreign objects
///
/// Gives up one ownership of a foreign object. NULL is ignored. The object itself lives on while anything else refers
/// to it.
WASM_API_EXTERN void wasm_foreign_delete(struct wasm_foreign_t *foreign);

/// One more owner of the same foreign object; NULL if `foreign` is NULL.
WASM_API_EXTERN struct wasm_foreign_t *wasm_foreign_copy(const struct wasm_foreign_t *foreign);

/// Whether both are the same foreign object: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_foreign_same(const struct wasm_foreign_t *a, const struct wasm_foreign_t *b);

/// The host's data on a foreign object, or NULL.
WASM_API_EXTERN void *wasm_foreign_get_host_info(const struct wasm_foreign_t *foreign);

/// Sets the host's data on a foreign object, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_foreign_set_host_info(struct wasm_foreign_t *foreign, void *info);

/// As `wasm_foreign_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
WASM_API_EXTERN
void wasm_foreign_set_host_info_with_finalizer(struct wasm_foreign_t *foreign,
                                               void *info,
                                               void (*finalizer)(void*));

/// A foreign object as a reference. Borrowed: valid as long as `foreign`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_foreign_as_ref(struct wasm_foreign_t *foreign);

/// As `wasm_foreign_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_foreign_as_ref_const(const struct wasm_foreign_t *foreign);

/// The foreign object that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_foreign_t *wasm_ref_as_foreign(struct wasm_ref_t *reference);

/// As `wasm_ref_as_foreign`, without leave to change it.
WASM_API_EXTERN const struct wasm_foreign_t *wasm_ref_as_foreign_const(const struct wasm_ref_t *reference);

/// A new foreign object, owned by the caller; NULL if `store` is NULL.
WASM_API_EXTERN struct wasm_foreign_t *wasm_foreign_new(struct wasm_store_t *store);

/// # Modules
///
/// Gives up one ownership of a module. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_module_delete(struct wasm_module_t *module);

/// One more owner of the same module; NULL if `module` is NULL.
WASM_API_EXTERN struct wasm_module_t *wasm_module_copy(const struct wasm_module_t *module);

/// Whether both are the same module: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_module_same(const struct wasm_module_t *a, const struct wasm_module_t *b);

/// The host's data on a module, or NULL.
WASM_API_EXTERN void *wasm_module_get_host_info(const struct wasm_module_t *module);

/// Sets the host's data on a module, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_module_set_host_info(struct wasm_module_t *module, void *info);

/// As `wasm_module_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
WASM_API_EXTERN
void wasm_module_set_host_info_with_finalizer(struct wasm_module_t *module,
                                              void *info,
                                              void (*finalizer)(void*));

/// A module as a reference. Borrowed: valid as long as `module`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_module_as_ref(struct wasm_module_t *module);

/// As `wasm_module_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_module_as_ref_const(const struct wasm_module_t *module);

/// The module that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_module_t *wasm_ref_as_module(struct wasm_ref_t *reference);

/// As `wasm_ref_as_module`, without leave to change it.
WASM_API_EXTERN const struct wasm_module_t *wasm_ref_as_module_const(const struct wasm_ref_t *reference);

/// Deletes a shared module. NULL is ignored.
WASM_API_EXTERN void wasm_shared_module_delete(struct wasm_shared_module_t *shared);

/// The code of `module`, owned by the caller; NULL if `module` is NULL.
WASM_API_EXTERN struct wasm_shared_module_t *wasm_module_share(const struct wasm_module_t *module);

/// The shared module in `store`, owned by the caller. A store of another engine validates it anew, for its own
/// configuration. NULL if an argument is NULL or that fails.
WASM_API_EXTERN
struct wasm_module_t *wasm_module_obtain(struct wasm_store_t *store,
                                         const struct wasm_shared_module_t *shared);

/// Validates a binary and makes a module of it, owned by the caller. Copies what it needs of `binary`. NULL if an
/// argument is NULL or the binary is no valid module; `wasmx_last_error` tells where and why.
WASM_API_EXTERN struct wasm_module_t *wasm_module_new(struct wasm_store_t *store, const struct wasm_byte_vec_t *binary);

/// Whether a binary is a valid module. False if an argument is NULL; `wasmx_last_error` tells where and why not.
WASM_API_EXTERN bool wasm_module_validate(struct wasm_store_t *store, const struct wasm_byte_vec_t *binary);

/// Writes what the module imports to `out`, in the order in which `wasm_instance_new` wants it; the caller owns it.
WASM_API_EXTERN void wasm_module_imports(const struct wasm_module_t *module, struct wasm_importtype_vec_t *out);

/// Writes what the module exports to `out`, in the order of `wasm_instance_exports`; the caller owns it.
WASM_API_EXTERN void wasm_module_exports(const struct wasm_module_t *module, struct wasm_exporttype_vec_t *out);

/// Writes an image of the module to `out`, for `wasm_module_deserialize` of the same build of this library; the caller
/// owns it.
WASM_API_EXTERN void wasm_module_serialize(const struct wasm_module_t *module, struct wasm_byte_vec_t *out);

/// The module of an image, owned by the caller. Copies what it needs of `binary`. NULL if an argument is NULL, the
/// image is damaged or of another build, or the store's engine does not accept the module. The image is not trusted:
/// its content is validated again.
WASM_API_EXTERN
struct wasm_module_t *wasm_module_deserialize(struct wasm_store_t *store,
                                              const struct wasm_byte_vec_t *binary);

/// # Functions
///
/// Gives up one ownership of a function. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_func_delete(struct wasm_func_t *func);

/// One more owner of the same function; NULL if `func` is NULL.
WASM_API_EXTERN struct wasm_func_t *wasm_func_copy(const struct wasm_func_t *func);

/// Whether both are the same function: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_func_same(const struct wasm_func_t *a, const struct wasm_func_t *b);

/// The host's data on a function, or NULL.
WASM_API_EXTERN void *wasm_func_get_host_info(const struct wasm_func_t *func);

/// Sets the host's data on a function, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_func_set_host_info(struct wasm_func_t *func, void *info);

/// As `wasm_func_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or the
/// object dies.
WASM_API_EXTERN
void wasm_func_set_host_info_with_finalizer(struct wasm_func_t *func,
                                            void *info,
                                            void (*finalizer)(void*));

/// A function as a reference. Borrowed: valid as long as `func`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_func_as_ref(struct wasm_func_t *func);

/// As `wasm_func_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_func_as_ref_const(const struct wasm_func_t *func);

/// The function that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_func_t *wasm_ref_as_func(struct wasm_ref_t *reference);

/// As `wasm_ref_as_func`, without leave to change it.
WASM_API_EXTERN const struct wasm_func_t *wasm_ref_as_func_const(const struct wasm_ref_t *reference);

/// A function that calls back to the host, owned by the caller. Reads `ty`. NULL if an argument is NULL.
WASM_API_EXTERN
struct wasm_func_t *wasm_func_new(struct wasm_store_t *store,
                                  const struct wasm_functype_t *ty,
                                  wasm_func_callback_t callback);

/// As `wasm_func_new`; `callback` gets `env`. `finalizer` (may be NULL) is called once with `env`, when the function
/// dies; if NULL is returned, it is not called.
WASM_API_EXTERN
struct wasm_func_t *wasm_func_new_with_env(struct wasm_store_t *store,
                                           const struct wasm_functype_t *ty,
                                           wasm_func_callback_with_env_t callback,
                                           void *env,
                                           void (*finalizer)(void*));

/// The type of the function, owned by the caller; NULL if `func` is NULL.
WASM_API_EXTERN struct wasm_functype_t *wasm_func_type(const struct wasm_func_t *func);

/// The number of parameters; 0 if `func` is NULL.
WASM_API_EXTERN size_t wasm_func_param_arity(const struct wasm_func_t *func);

/// The number of results; 0 if `func` is NULL.
WASM_API_EXTERN size_t wasm_func_result_arity(const struct wasm_func_t *func);

/// Calls the function. Reads `args`, which must have as many values as the function has parameters, of the right kinds.
/// Writes the results to the first elements of `results`, without reading what is there, and the caller then owns the
/// references in them; there may be more room than results, but not less. NULL as a vector is an empty one. Returns
/// NULL, or the trap that stopped the call, owned by the caller, in which case `results` is untouched. Arguments and
/// results that do not fit are traps, too.
WASM_API_EXTERN
struct wasm_trap_t *wasm_func_call(const struct wasm_func_t *func,
                                   const struct wasm_val_vec_t *args,
                                   struct wasm_val_vec_t *results);

/// # Globals
///
/// Gives up one ownership of a global. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_global_delete(struct wasm_global_t *global);

/// One more owner of the same global; NULL if `global` is NULL.
WASM_API_EXTERN struct wasm_global_t *wasm_global_copy(const struct wasm_global_t *global);

/// Whether both are the same global: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_global_same(const struct wasm_global_t *a, const struct wasm_global_t *b);

/// The host's data on a global, or NULL.
WASM_API_EXTERN void *wasm_global_get_host_info(const struct wasm_global_t *global);

/// Sets the host's data on a global, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_global_set_host_info(struct wasm_global_t *global, void *info);

/// As `wasm_global_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
WASM_API_EXTERN
void wasm_global_set_host_info_with_finalizer(struct wasm_global_t *global,
                                              void *info,
                                              void (*finalizer)(void*));

/// A global as a reference. Borrowed: valid as long as `global`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_global_as_ref(struct wasm_global_t *global);

/// As `wasm_global_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_global_as_ref_const(const struct wasm_global_t *global);

/// The global that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_global_t *wasm_ref_as_global(struct wasm_ref_t *reference);

/// As `wasm_ref_as_global`, without leave to change it.
WASM_API_EXTERN const struct wasm_global_t *wasm_ref_as_global_const(const struct wasm_ref_t *reference);

/// A global with an initial value, owned by the caller. Reads `ty` and `value`; a reference in it gains an owner. NULL
/// if an argument is NULL, or the value is not of the type, or belongs to another store.
WASM_API_EXTERN
struct wasm_global_t *wasm_global_new(struct wasm_store_t *store,
                                      const struct wasm_globaltype_t *ty,
                                      const struct wasm_val_t *value);

/// The type of the global, owned by the caller; NULL if `global` is NULL.
WASM_API_EXTERN struct wasm_globaltype_t *wasm_global_type(const struct wasm_global_t *global);

/// Writes the value of the global to `out`, which then owns the reference in it. If `global` is NULL, or its value has
/// no form in this API (`v128`), that is an `i32` 0.
WASM_API_EXTERN void wasm_global_get(const struct wasm_global_t *global, struct wasm_val_t *out);

/// Sets the global. Reads `value`; a reference in it gains an owner. Does nothing if an argument is NULL, or the global
/// cannot change, or the value is not of its type or belongs to another store; `wasmx_last_error` tells.
WASM_API_EXTERN void wasm_global_set(struct wasm_global_t *global, const struct wasm_val_t *value);

/// # Tables
///
/// Gives up one ownership of a table. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_table_delete(struct wasm_table_t *table);

/// One more owner of the same table; NULL if `table` is NULL.
WASM_API_EXTERN struct wasm_table_t *wasm_table_copy(const struct wasm_table_t *table);

/// Whether both are the same table: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_table_same(const struct wasm_table_t *a, const struct wasm_table_t *b);

/// The host's data on a table, or NULL.
WASM_API_EXTERN void *wasm_table_get_host_info(const struct wasm_table_t *table);

/// Sets the host's data on a table, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_table_set_host_info(struct wasm_table_t *table, void *info);

/// As `wasm_table_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
WASM_API_EXTERN
void wasm_table_set_host_info_with_finalizer(struct wasm_table_t *table,
                                             void *info,
                                             void (*finalizer)(void*));

/// A table as a reference. Borrowed: valid as long as `table`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_table_as_ref(struct wasm_table_t *table);

/// As `wasm_table_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_table_as_ref_const(const struct wasm_table_t *table);

/// The table that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_table_t *wasm_ref_as_table(struct wasm_ref_t *reference);

/// As `wasm_ref_as_table`, without leave to change it.
WASM_API_EXTERN const struct wasm_table_t *wasm_ref_as_table_const(const struct wasm_ref_t *reference);

/// A table filled with `init`, owned by the caller. Reads `ty`; `init` (NULL is the null reference) gains an owner.
/// NULL if `store` or `ty` is NULL, `init` is not of the element type or belongs to another store, or a limit forbids
/// the size.
WASM_API_EXTERN
struct wasm_table_t *wasm_table_new(struct wasm_store_t *store,
                                    const struct wasm_tabletype_t *ty,
                                    struct wasm_ref_t *init);

/// The type of the table, owned by the caller; NULL if `table` is NULL.
WASM_API_EXTERN struct wasm_tabletype_t *wasm_table_type(const struct wasm_table_t *table);

/// The element at `index`, owned by the caller; NULL if it is null, `index` is out of bounds, or `table` is NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_table_get(const struct wasm_table_t *table, wasm_table_size_t index);

/// Sets the element at `index`; `reference` (NULL is the null reference) gains an owner. False if `index` is out of
/// bounds, the reference is not of the element type or belongs to another store, or `table` is NULL.
WASM_API_EXTERN bool wasm_table_set(struct wasm_table_t *table, wasm_table_size_t index, struct wasm_ref_t *reference);

/// The number of elements; 0 if `table` is NULL.
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const struct wasm_table_t *table);

/// Adds `delta` elements filled with `init` (NULL is the null reference). False, and nothing changes, if the table's
/// maximum or a limit forbids it, `init` is not of the element type or belongs to another store, or `table` is NULL.
WASM_API_EXTERN bool wasm_table_grow(struct wasm_table_t *table, wasm_table_size_t delta, struct wasm_ref_t *init);

/// # Memories
///
/// Gives up one ownership of a memory. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_memory_delete(struct wasm_memory_t *memory);

/// One more owner of the same memory; NULL if `memory` is NULL.
WASM_API_EXTERN struct wasm_memory_t *wasm_memory_copy(const struct wasm_memory_t *memory);

/// Whether both are the same memory: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_memory_same(const struct wasm_memory_t *a, const struct wasm_memory_t *b);

/// The host's data on a memory, or NULL.
WASM_API_EXTERN void *wasm_memory_get_host_info(const struct wasm_memory_t *memory);

/// Sets the host's data on a memory, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_memory_set_host_info(struct wasm_memory_t *memory, void *info);

/// As `wasm_memory_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
WASM_API_EXTERN
void wasm_memory_set_host_info_with_finalizer(struct wasm_memory_t *memory,
                                              void *info,
                                              void (*finalizer)(void*));

/// A memory as a reference. Borrowed: valid as long as `memory`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_memory_as_ref(struct wasm_memory_t *memory);

/// As `wasm_memory_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_memory_as_ref_const(const struct wasm_memory_t *memory);

/// The memory that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_memory_t *wasm_ref_as_memory(struct wasm_ref_t *reference);

/// As `wasm_ref_as_memory`, without leave to change it.
WASM_API_EXTERN const struct wasm_memory_t *wasm_ref_as_memory_const(const struct wasm_ref_t *reference);

/// A memory of zeros, owned by the caller. Reads `ty`. NULL if an argument is NULL, the limits contradict each other,
/// or there is no room for it.
WASM_API_EXTERN struct wasm_memory_t *wasm_memory_new(struct wasm_store_t *store, const struct wasm_memorytype_t *ty);

/// The type of the memory, owned by the caller; NULL if `memory` is NULL.
WASM_API_EXTERN struct wasm_memorytype_t *wasm_memory_type(const struct wasm_memory_t *memory);

/// The first byte of the memory. Borrowed: valid until the memory grows, in the host or in the guest, or dies. NULL if
/// `memory` is NULL.
WASM_API_EXTERN byte_t *wasm_memory_data(struct wasm_memory_t *memory);

/// The number of bytes; 0 if `memory` is NULL.
WASM_API_EXTERN size_t wasm_memory_data_size(const struct wasm_memory_t *memory);

/// The number of pages; 0 if `memory` is NULL.
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const struct wasm_memory_t *memory);

/// Adds `delta` pages of zeros. False, and nothing changes, if the memory's maximum or a limit forbids it, there is no
/// room, or `memory` is NULL.
WASM_API_EXTERN bool wasm_memory_grow(struct wasm_memory_t *memory, wasm_memory_pages_t delta);

/// # Externals
///
/// Gives up one ownership of an external. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_extern_delete(struct wasm_extern_t *external);

/// One more owner of the same external; NULL if `external` is NULL.
WASM_API_EXTERN struct wasm_extern_t *wasm_extern_copy(const struct wasm_extern_t *external);

/// Whether both are the same external: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_extern_same(const struct wasm_extern_t *a, const struct wasm_extern_t *b);

/// The host's data on an external, or NULL.
WASM_API_EXTERN void *wasm_extern_get_host_info(const struct wasm_extern_t *external);

/// Sets the host's data on an external, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_extern_set_host_info(struct wasm_extern_t *external, void *info);

/// As `wasm_extern_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
WASM_API_EXTERN
void wasm_extern_set_host_info_with_finalizer(struct wasm_extern_t *external,
                                              void *info,
                                              void (*finalizer)(void*));

/// An external as a reference. Borrowed: valid as long as `external`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_extern_as_ref(struct wasm_extern_t *external);

/// As `wasm_extern_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_extern_as_ref_const(const struct wasm_extern_t *external);

/// The external that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_extern_t *wasm_ref_as_extern(struct wasm_ref_t *reference);

/// As `wasm_ref_as_extern`, without leave to change it.
WASM_API_EXTERN const struct wasm_extern_t *wasm_ref_as_extern_const(const struct wasm_ref_t *reference);

/// Makes an empty vector in `out`.
WASM_API_EXTERN void wasm_extern_vec_new_empty(struct wasm_extern_vec_t *out);

/// Makes a vector of `size` NULL pointers in `out`, to be filled with externals it then owns. Fails (see Vectors) if
/// there is no memory for it.
WASM_API_EXTERN void wasm_extern_vec_new_uninitialized(struct wasm_extern_vec_t *out, size_t size);

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the externals behind
/// them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
WASM_API_EXTERN void wasm_extern_vec_new(struct wasm_extern_vec_t *out, size_t size, struct wasm_extern_t *const *data);

/// Copies `source` and each of its externals into `out`. Fails if `source` is NULL.
WASM_API_EXTERN void wasm_extern_vec_copy(struct wasm_extern_vec_t *out, const struct wasm_extern_vec_t *source);

/// Deletes the array and the externals in it, and leaves `vec` empty. NULL is ignored.
WASM_API_EXTERN void wasm_extern_vec_delete(struct wasm_extern_vec_t *vec);

/// What the external is, one of `wasm_externkind_enum`; 0 (`WASM_EXTERN_FUNC`) if `external` is NULL.
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const struct wasm_extern_t *external);

/// The type of the external, owned by the caller; NULL if `external` is NULL.
WASM_API_EXTERN struct wasm_externtype_t *wasm_extern_type(const struct wasm_extern_t *external);

/// A function as an external. Borrowed: valid as long as `func`. NULL stays NULL.
WASM_API_EXTERN struct wasm_extern_t *wasm_func_as_extern(struct wasm_func_t *func);

/// As `wasm_func_as_extern`, without leave to change it.
WASM_API_EXTERN const struct wasm_extern_t *wasm_func_as_extern_const(const struct wasm_func_t *func);

/// The function that an external is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_func_t *wasm_extern_as_func(struct wasm_extern_t *external);

/// As `wasm_extern_as_func`, without leave to change it.
WASM_API_EXTERN const struct wasm_func_t *wasm_extern_as_func_const(const struct wasm_extern_t *external);

/// A global as an external. Borrowed: valid as long as `global`. NULL stays NULL.
WASM_API_EXTERN struct wasm_extern_t *wasm_global_as_extern(struct wasm_global_t *global);

/// As `wasm_global_as_extern`, without leave to change it.
WASM_API_EXTERN const struct wasm_extern_t *wasm_global_as_extern_const(const struct wasm_global_t *global);

/// The global that an external is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_global_t *wasm_extern_as_global(struct wasm_extern_t *external);

/// As `wasm_extern_as_global`, without leave to change it.
WASM_API_EXTERN const struct wasm_global_t *wasm_extern_as_global_const(const struct wasm_extern_t *external);

/// A table as an external. Borrowed: valid as long as `table`. NULL stays NULL.
WASM_API_EXTERN struct wasm_extern_t *wasm_table_as_extern(struct wasm_table_t *table);

/// As `wasm_table_as_extern`, without leave to change it.
WASM_API_EXTERN const struct wasm_extern_t *wasm_table_as_extern_const(const struct wasm_table_t *table);

/// The table that an external is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_table_t *wasm_extern_as_table(struct wasm_extern_t *external);

/// As `wasm_extern_as_table`, without leave to change it.
WASM_API_EXTERN const struct wasm_table_t *wasm_extern_as_table_const(const struct wasm_extern_t *external);

/// A memory as an external. Borrowed: valid as long as `memory`. NULL stays NULL.
WASM_API_EXTERN struct wasm_extern_t *wasm_memory_as_extern(struct wasm_memory_t *memory);

/// As `wasm_memory_as_extern`, without leave to change it.
WASM_API_EXTERN const struct wasm_extern_t *wasm_memory_as_extern_const(const struct wasm_memory_t *memory);

/// The memory that an external is, borrowed; NULL if it is another kind or NULL.
WASM_API_EXTERN struct wasm_memory_t *wasm_extern_as_memory(struct wasm_extern_t *external);

/// As `wasm_extern_as_memory`, without leave to change it.
WASM_API_EXTERN const struct wasm_memory_t *wasm_extern_as_memory_const(const struct wasm_extern_t *external);

/// # Instances
///
/// Gives up one ownership of an instance. NULL is ignored. The object itself lives on while anything else refers to it.
WASM_API_EXTERN void wasm_instance_delete(struct wasm_instance_t *instance);

/// One more owner of the same instance; NULL if `instance` is NULL.
WASM_API_EXTERN struct wasm_instance_t *wasm_instance_copy(const struct wasm_instance_t *instance);

/// Whether both are the same instance: not equal, but identical. False if either is NULL.
WASM_API_EXTERN bool wasm_instance_same(const struct wasm_instance_t *a, const struct wasm_instance_t *b);

/// The host's data on an instance, or NULL.
WASM_API_EXTERN void *wasm_instance_get_host_info(const struct wasm_instance_t *instance);

/// Sets the host's data on an instance, for all its owners. Finalizes what was there before.
WASM_API_EXTERN void wasm_instance_set_host_info(struct wasm_instance_t *instance, void *info);

/// As `wasm_instance_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
WASM_API_EXTERN
void wasm_instance_set_host_info_with_finalizer(struct wasm_instance_t *instance,
                                                void *info,
                                                void (*finalizer)(void*));

/// An instance as a reference. Borrowed: valid as long as `instance`. NULL stays NULL.
WASM_API_EXTERN struct wasm_ref_t *wasm_instance_as_ref(struct wasm_instance_t *instance);

/// As `wasm_instance_as_ref`, without leave to change it.
WASM_API_EXTERN const struct wasm_ref_t *wasm_instance_as_ref_const(const struct wasm_instance_t *instance);

/// The instance that a reference is, borrowed; NULL if it is something else or NULL.
WASM_API_EXTERN struct wasm_instance_t *wasm_ref_as_instance(struct wasm_ref_t *reference);

/// As `wasm_ref_as_instance`, without leave to change it.
WASM_API_EXTERN const struct wasm_instance_t *wasm_ref_as_instance_const(const struct wasm_ref_t *reference);

/// An instance of `module`, owned by the caller. `imports` (NULL is none) has one external for each import, in the
/// order of `wasm_module_imports`, of matching types and of this store; they are borrowed. Runs the start function.
/// NULL if that traps, or an import does not fit; then `*trap` (unless `trap` is NULL) says why, and the caller owns
/// it. On success `*trap` is NULL.
WASM_API_EXTERN
struct wasm_instance_t *wasm_instance_new(struct wasm_store_t *store,
                                          const struct wasm_module_t *module,
                                          const struct wasm_extern_vec_t *imports,
                                          struct wasm_trap_t **trap);

/// Writes the exports to `out`, in the order of `wasm_module_exports`; the caller owns them.
WASM_API_EXTERN void wasm_instance_exports(const struct wasm_instance_t *instance, struct wasm_extern_vec_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/*
 * Conveniences: everything below is made of the functions above.
 */

/// Initializers for vectors: an empty one, and one over an array of the host's.
#define WASM_EMPTY_VEC {0, NULL}
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof(*(array)), array}

/// Initializers for values. WASM_INIT_VAL is the null externref.
#ifdef __cplusplus
/* C++ before 2020 has no designated initializers: these are expressions. */
#define WASM_VAL_OF_(kind_, type_, field_, value_) \
  ([](type_ given_) { \
    wasm_val_t val_; \
    val_.kind = kind_; \
    val_.of.i64 = 0; \
    val_.of.field_ = given_; \
    return val_; \
  }(value_))
#define WASM_I32_VAL(i) WASM_VAL_OF_(WASM_I32, int32_t, i32, i)
#define WASM_I64_VAL(i) WASM_VAL_OF_(WASM_I64, int64_t, i64, i)
#define WASM_F32_VAL(z) WASM_VAL_OF_(WASM_F32, float32_t, f32, z)
#define WASM_F64_VAL(z) WASM_VAL_OF_(WASM_F64, float64_t, f64, z)
#define WASM_REF_VAL(r) WASM_VAL_OF_(WASM_EXTERNREF, wasm_ref_t *, ref, r)
#define WASM_INIT_VAL WASM_REF_VAL(NULL)
#else
#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = i}}
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = i}}
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = z}}
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = z}}
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = r}}
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Layout that both sides of the API rely on. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define WASM_LAYOUT_(name, holds) static_assert(holds, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define WASM_LAYOUT_(name, holds) _Static_assert(holds, #name)
#else
#define WASM_LAYOUT_(name, holds) typedef char wasm_layout_##name##_[(holds) ? 1 : -1]
#endif
WASM_LAYOUT_(float_is_single, sizeof(float) == sizeof(uint32_t));
WASM_LAYOUT_(double_is_double, sizeof(double) == sizeof(uint64_t));
WASM_LAYOUT_(pointers_are_32_or_64_bits, sizeof(void *) == sizeof(uint32_t) || sizeof(void *) == sizeof(uint64_t));
WASM_LAYOUT_(values_are_16_bytes, sizeof(wasm_val_t) == 16);
WASM_LAYOUT_(vectors_are_two_words, sizeof(wasm_byte_vec_t) == 2 * sizeof(void *));
#undef WASM_LAYOUT_

/// A name with the characters of the C string `s`, without its NUL.
static inline void wasm_name_new_from_string(wasm_name_t *out, const char *s) {
  wasm_name_new(out, strlen(s), s);
}

/// A name with the characters of the C string `s` and its NUL, as a `wasm_message_t` has it.
static inline void wasm_name_new_from_string_nt(wasm_name_t *out, const char *s) {
  wasm_name_new(out, strlen(s) + 1, s);
}

/// Whether values of the kind are numbers.
static inline bool wasm_valkind_is_num(wasm_valkind_t kind) {
  return kind < WASM_EXTERNREF;
}

/// Whether values of the kind are references.
static inline bool wasm_valkind_is_ref(wasm_valkind_t kind) {
  return kind >= WASM_EXTERNREF;
}

/// Whether values of the type are numbers.
static inline bool wasm_valtype_is_num(const wasm_valtype_t *ty) {
  return wasm_valkind_is_num(wasm_valtype_kind(ty));
}

/// Whether values of the type are references.
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *ty) {
  return wasm_valkind_is_ref(wasm_valtype_kind(ty));
}

/// The value types by name, each owned by the caller.
static inline wasm_valtype_t *wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}
static inline wasm_valtype_t *wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}
static inline wasm_valtype_t *wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}
static inline wasm_valtype_t *wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}
static inline wasm_valtype_t *wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}
static inline wasm_valtype_t *wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

/// Function types by number of parameters and results, each owned by the caller. They take over the value types.
static inline wasm_functype_t *wasm_functype_new_0_0(void) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new_empty(&params);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_1_0(wasm_valtype_t *p) {
  wasm_valtype_t *ps[1] = {p};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 1, ps);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_2_0(wasm_valtype_t *p1, wasm_valtype_t *p2) {
  wasm_valtype_t *ps[2] = {p1, p2};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 2, ps);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_3_0(wasm_valtype_t *p1, wasm_valtype_t *p2, wasm_valtype_t *p3) {
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 3, ps);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_0_1(wasm_valtype_t *r) {
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new_empty(&params);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_1_1(wasm_valtype_t *p, wasm_valtype_t *r) {
  wasm_valtype_t *ps[1] = {p};
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 1, ps);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_2_1(wasm_valtype_t *p1, wasm_valtype_t *p2, wasm_valtype_t *r) {
  wasm_valtype_t *ps[2] = {p1, p2};
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 2, ps);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_3_1(
    wasm_valtype_t *p1, wasm_valtype_t *p2, wasm_valtype_t *p3, wasm_valtype_t *r) {
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 3, ps);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_0_2(wasm_valtype_t *r1, wasm_valtype_t *r2) {
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new_empty(&params);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_1_2(wasm_valtype_t *p, wasm_valtype_t *r1, wasm_valtype_t *r2) {
  wasm_valtype_t *ps[1] = {p};
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 1, ps);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_2_2(
    wasm_valtype_t *p1, wasm_valtype_t *p2, wasm_valtype_t *r1, wasm_valtype_t *r2) {
  wasm_valtype_t *ps[2] = {p1, p2};
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 2, ps);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}
static inline wasm_functype_t *wasm_functype_new_3_2(
    wasm_valtype_t *p1, wasm_valtype_t *p2, wasm_valtype_t *p3, wasm_valtype_t *r1, wasm_valtype_t *r2) {
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 3, ps);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}

/// A value that carries a host pointer, as the integer kind of that width.
static inline void wasm_val_init_ptr(wasm_val_t *out, void *p) {
#if UINTPTR_MAX == UINT32_MAX
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)p;
#else
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
#endif
}

/// The host pointer in a value made by wasm_val_init_ptr.
static inline void *wasm_val_ptr(const wasm_val_t *val) {
#if UINTPTR_MAX == UINT32_MAX
  return (void *)(intptr_t)val->of.i32;
#else
  return (void *)(intptr_t)val->of.i64;
#endif
}

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // WASM_H
