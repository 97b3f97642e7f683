/* A debugger's view of guests: stepping from instruction to instruction, the stack can be walked to `main` from each of them,
 * whether it is the library's, of machine code, or of the ways between both. */
#define _GNU_SOURCE
#include "check.h"

#if defined(__x86_64__) && defined(__linux__) && !defined(UNDER_VALGRIND)
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <ucontext.h>
#include <unwind.h>

enum { LEAF, CALLS, DIVIDE, TAILS, WIDENS, THROWS, CATCHES, OBJECTS, LOOPS };
enum { MOST = 500, OBJECTS_AT_MOST = 64, SEEN = 1 << 20, STEP = 0x100 };

/* The code of this process: of the library, and of everything else that is a file. */
static struct {
    uintptr_t start, end;
    bool is_library;
} parts[OBJECTS_AT_MOST];
static int part_count;

static int note_part(struct dl_phdr_info *info, size_t size, void *library) {
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_LOAD || !(info->dlpi_phdr[i].p_flags & PF_X)) continue;
        uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, end = start + info->dlpi_phdr[i].p_memsz;
        if (part_count == OBJECTS_AT_MOST) return 1;
        parts[part_count].start = start, parts[part_count].end = end;
        parts[part_count++].is_library = (uintptr_t)library >= start && (uintptr_t)library < end;
    }
    return 0;
}

static struct {
    uintptr_t seen[SEEN]; /* Where the stack has been walked from, by hash. */
    int library, machine; /* How many of them there are. */
    uintptr_t lost;       /* From where `main` was not reached. */
    bool stops;
} now;

struct walk {
    int frames;
    bool reached;
};

int main(void);

static _Unwind_Reason_Code outwards(struct _Unwind_Context *context, void *env) {
    struct walk *walk = env;
    if (_Unwind_FindEnclosingFunction((void *)_Unwind_GetIP(context)) == (void *)main) walk->reached = true;
    return ++walk->frames < MOST ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/* After each instruction. */
static void stepped(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (now.stops) registers[REG_EFL] &= ~STEP;
    uintptr_t pc = (uintptr_t)registers[REG_RIP];
    bool library = false;
    for (int i = 0; i < part_count; i++) {
        if (pc < parts[i].start || pc >= parts[i].end) continue;
        if (!parts[i].is_library) return;
        library = true;
    }
    /* The linker does not describe its jumps to other libraries. */
    if (library && ((const uint8_t *)pc)[0] == 0xff && ((const uint8_t *)pc)[1] == 0x25) return;
    uintptr_t at = pc * 0x9e3779b97f4a7c15u >> 44;
    while (now.seen[at % SEEN] != 0 && now.seen[at % SEEN] != pc) at++;
    if (now.seen[at % SEEN] == pc) return;
    now.seen[at % SEEN] = pc;
    *(library ? &now.library : &now.machine) += 1;
    struct walk walk = {0};
    _Unwind_Backtrace(outwards, &walk);
    if (!walk.reached && now.lost == 0) now.lost = pc;
}

static void step(bool on) {
    now.stops = !on;
    if (on) __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc");
}

static wasm_trap_t *host(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = args->data[0];
    return NULL;
}

static uint64_t more_fuel(void *env, uint64_t missing) {
    (void)env;
    return missing + 50;
}

/* One instance, whose imports are a function of the host's and one of the other instance's, or the host's again. */
static wasm_instance_t *make(wasm_store_t *store, wasm_func_t *hosts, wasm_func_t *others) {
    return INSTANCE(store, ext_step_wasm, wasm_func_as_extern(hosts), wasm_func_as_extern(others));
}

static void call_all(wasmx_tier_t tier, bool fuel) {
    wasm_config_t *config = wasm_config_new();
    CHECK(wasmx_config_set_tier(config, tier));
    wasmx_config_set_fuel(config, fuel);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = wasm_store_new(engine);
    if (fuel) CHECK(wasmx_store_set_fuel_callback(store, more_fuel, NULL, NULL));
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *hosts = host_func(store, type, host);
    wasm_instance_t *first = make(store, hosts, hosts);
    wasm_func_t *leaf = export_func(first, LEAF);
    wasm_instance_t *second = make(store, hosts, leaf);
    for (int n = CALLS; n <= LOOPS; n++) {
        wasm_func_t *f = export_func(second, n);
        /* Not when it is translated. */
        for (int round = 0; round < 2; round++) {
            wasm_val_t arg = WASM_I32_VAL(n == DIVIDE ? 0 : n == OBJECTS ? 40 : 3), result = WASM_INIT_VAL;
            wasm_val_vec_t args = {1, &arg}, results = {1, &result};
            if (round > 0) step(true);
            wasm_trap_t *trap = wasm_func_call(f, &args, &results);
            step(false);
            CHECK((trap != NULL) == (n == THROWS || n == DIVIDE));
            if (trap) wasm_trap_delete(trap);
        }
        wasm_func_delete(f);
    }
    wasm_func_delete(leaf);
    wasm_instance_delete(second), wasm_instance_delete(first);
    wasm_func_delete(hosts);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

int main(void) {
    struct walk walk = {0};
    _Unwind_Backtrace(outwards, &walk);
    CHECK(walk.reached);
    dl_iterate_phdr(note_part, dlsym(RTLD_DEFAULT, "wasm_engine_new"));
    struct sigaction action = {.sa_sigaction = stepped, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static char stack[1 << 20];
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack}, former;
    CHECK_INT(sigaltstack(&own, &former), 0);
    CHECK_INT(sigaction(SIGTRAP, &action, NULL), 0);
    bool compiler = getenv("MACHINE_CODE") != NULL;
    for (int fuel = 0; fuel <= 1; fuel++) {
        call_all(WASMX_TIER_INTERPRETER, fuel);
        if (compiler) call_all(WASMX_TIER_EAGER, fuel);
    }
    CHECK_INT(sigaltstack(&former, NULL), 0);
    if (now.lost != 0) {
        Dl_info where = {0};
        dladdr((void *)now.lost, &where);
        fprintf(stderr, "  lost at %#lx of %s\n", now.lost - (uintptr_t)where.dli_fbase, where.dli_fname);
    }
    CHECK(now.lost == 0);
    CHECK(now.library > 1000);
    if (compiler) CHECK(now.machine > 300);
    return done();
}
#else
/* There is no such way to step. */
int main(void) {
    CHECK(true);
    return done();
}
#endif
