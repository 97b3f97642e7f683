/* The narrow door to wasm3: one function that loads a guest, one that runs it. Compiled together with wasm3's own
 * sources, because its public header gives no way to read a result. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "m3_env.h"
#include "m3_api_defs.h"
#include "wasm3.h"

typedef void (*write_fn)(const uint8_t *text, uint32_t len);

typedef struct {
    IM3Environment environment;
    IM3Runtime runtime;
    IM3Function run;
} w3_guest;

static write_fn write_text;

static m3ApiRawFunction(env_write) {
    m3ApiGetArgMem(const uint8_t *, text)
    m3ApiGetArg(uint32_t, len)
    write_text(text, len);
    m3ApiSuccess();
}

/* Returns NULL when all is well, else what is wrong. */
const char *w3_load(const uint8_t *bytes, uint32_t len, write_fn write, w3_guest *guest) {
    IM3Module module;
    M3Result error;
    write_text = write;
    guest->environment = m3_NewEnvironment();
    guest->runtime = m3_NewRuntime(guest->environment, 1 << 20, NULL);
    if ((error = m3_ParseModule(guest->environment, &module, bytes, len))) return error;
    if ((error = m3_LoadModule(guest->runtime, module))) return error;
    error = m3_LinkRawFunction(module, "env", "write", "v(*i)", env_write);
    if (error && error != m3Err_functionLookupFailed) return error;
    return m3_FindFunction(&guest->run, guest->runtime, "run");
}

const char *w3_run(w3_guest *guest, int32_t scale, uint64_t *sum) {
    char text[16];
    const char *args[1] = {text};
    snprintf(text, sizeof text, "%d", scale);
    M3Result error = m3_CallWithArgs(guest->run, 1, args);
    *sum = *(uint64_t *)guest->runtime->stack;
    return error;
}
