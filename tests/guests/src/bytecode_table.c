/* The same machine as bytecode_switch, each operation a function reached through a table: call_indirect per step. */
#include "bytecode.h"

typedef struct Machine {
    const int32_t *code, *pc;
    int32_t *sp, *rp;
    bool halted;
} Machine;
typedef void (*Operation)(Machine *);

#define BINARY(NAME, EXPRESSION)              \
    static void NAME(Machine *m) {            \
        int32_t a = m->sp[-1], b = *m->sp--;  \
        *m->sp = (int32_t)(EXPRESSION);       \
    }
BINARY(op_add, (uint32_t)a + (uint32_t)b)
BINARY(op_sub, (uint32_t)a - (uint32_t)b)
BINARY(op_mul, (uint32_t)a * (uint32_t)b)
BINARY(op_div, a / b)
BINARY(op_mod, a % b)
BINARY(op_less, a < b)
BINARY(op_equal, a == b)
static void op_push(Machine *m) { *++m->sp = *m->pc++; }
static void op_load(Machine *m) { *++m->sp = variables[*m->pc++]; }
static void op_store(Machine *m) { variables[*m->pc++] = *m->sp--; }
static void op_fetch(Machine *m) { *m->sp = cells[*m->sp & 255]; }
static void op_put(Machine *m) { cells[*m->sp & 255] = m->sp[-1], m->sp -= 2; }
static void op_not(Machine *m) { *m->sp = !*m->sp; }
static void op_jump(Machine *m) { m->pc = m->code + *m->pc; }
static void op_jump_zero(Machine *m) { m->pc = *m->sp-- ? m->pc + 1 : m->code + *m->pc; }
static void op_call(Machine *m) { *m->rp++ = (int32_t)(m->pc + 1 - m->code), m->pc = m->code + *m->pc; }
static void op_return(Machine *m) { m->pc = m->code + *--m->rp; }
static void op_print(Machine *m) { show(*m->sp--); }
static void op_halt(Machine *m) { m->halted = true; }

static const Operation operations[OPERATIONS] = {
    [PUSH] = op_push, [LOAD] = op_load, [STORE] = op_store, [FETCH] = op_fetch, [PUT] = op_put, [ADD] = op_add, [SUB] = op_sub,
    [MUL] = op_mul, [DIV] = op_div, [MOD] = op_mod, [LESS] = op_less, [EQUAL] = op_equal, [NOT] = op_not, [JUMP] = op_jump,
    [JUMP_ZERO] = op_jump_zero, [CALL] = op_call, [RETURN] = op_return, [PRINT] = op_print, [HALT] = op_halt,
};

static NOINLINE int32_t execute(const int32_t *code, int32_t argument) {
    Machine m = {code, code, stack, returns, false};
    *m.sp = argument;
    while (!m.halted) steps++, operations[*m.pc++](&m);
    return *m.sp;
}

static uint64_t guest(int32_t scale) { return run_programs(scale); }
