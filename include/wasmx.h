/*
 * What libwasm offers beyond the standard C API. All names begin with wasmx_.
 *
 * This file is made from the sources in src/capi; do not edit it. The conventions are those of wasm.h.
 */

#ifndef WASMX_H
#define WASMX_H

#include "wasm.h"

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

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* WASMX_H */
