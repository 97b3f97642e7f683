/* An interpreter inside the guest, dispatched by one switch: the br_table of every language runtime. */
#include "bytecode.h"

static NOINLINE int32_t execute(const int32_t *code, int32_t argument) {
    const int32_t *pc = code;
    int32_t *sp = stack, *rp = returns;
    uint64_t count = 0;
    *sp = argument;
    for (;;) {
        count++;
        switch (*pc++) {
        case PUSH: *++sp = *pc++; break;
        case LOAD: *++sp = variables[*pc++]; break;
        case STORE: variables[*pc++] = *sp--; break;
        case FETCH: *sp = cells[*sp & 255]; break;
        case PUT: cells[*sp & 255] = sp[-1], sp -= 2; break;
        case ADD: sp--, *sp = (int32_t)((uint32_t)*sp + (uint32_t)sp[1]); break;
        case SUB: sp--, *sp = (int32_t)((uint32_t)*sp - (uint32_t)sp[1]); break;
        case MUL: sp--, *sp = (int32_t)((uint32_t)*sp * (uint32_t)sp[1]); break;
        case DIV: sp--, *sp /= sp[1]; break;
        case MOD: sp--, *sp %= sp[1]; break;
        case LESS: sp--, *sp = *sp < sp[1]; break;
        case EQUAL: sp--, *sp = *sp == sp[1]; break;
        case NOT: *sp = !*sp; break;
        case JUMP: pc = code + *pc; break;
        case JUMP_ZERO: pc = *sp-- ? pc + 1 : code + *pc; break;
        case CALL: *rp++ = (int32_t)(pc + 1 - code), pc = code + *pc; break;
        case RETURN: pc = code + *--rp; break;
        case PRINT: show(*sp--); break;
        case HALT: steps += count; return *sp;
        default: fail("bad code");
        }
    }
}

static uint64_t guest(int32_t scale) { return run_programs(scale); }
