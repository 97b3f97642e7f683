/* Programs for a small stack machine, assembled from text: one letter per instruction, labels in braces.
 *
 *   123    push a number            a..h  push a variable         A..H  pop into a variable
 *   + - * / % < =   on two          !     not                     @ $   fetch a cell, put (value, cell)
 *   {x}    define label x           >x    jump                    ?x    jump when zero
 *   (x     call label x             )     return                  .     print           ;  halt
 */
#ifndef BYTECODE_H
#define BYTECODE_H

#include "guest.h"

enum { PUSH, LOAD, STORE, FETCH, PUT, ADD, SUB, MUL, DIV, MOD, LESS, EQUAL, NOT, JUMP, JUMP_ZERO, CALL, RETURN, PRINT, HALT, OPERATIONS };

static int32_t stack[256], variables[8], cells[256], returns[64];

static UNUSED void assemble(const char *text, int32_t *code) {
    static const char plain[] = "@$+-*/%<=!).;";
    static const uint8_t plain_codes[] = {FETCH, PUT, ADD, SUB, MUL, DIV, MOD, LESS, EQUAL, NOT, RETURN, PRINT, HALT};
    int32_t labels[128] = {0}, n = 0;
    for (int round = 0; round < 2; round++) {
        n = 0;
        for (const char *p = text; *p; p++) {
            if (*p == ' ') continue;
            if (*p >= '0' && *p <= '9') {
                int32_t v = 0;
                for (; *p >= '0' && *p <= '9'; p++) v = v * 10 + (*p - '0');
                p--;
                code[n++] = PUSH, code[n++] = v;
            } else if (*p >= 'a' && *p <= 'h') {
                code[n++] = LOAD, code[n++] = *p - 'a';
            } else if (*p >= 'A' && *p <= 'H') {
                code[n++] = STORE, code[n++] = *p - 'A';
            } else if (*p == '{') {
                labels[(uint8_t)p[1] & 127] = n;
                p += 2;
            } else if (*p == '>' || *p == '?' || *p == '(') {
                code[n++] = *p == '>' ? JUMP : *p == '?' ? JUMP_ZERO : CALL;
                code[n++] = labels[(uint8_t)*++p & 127];
            } else {
                uint32_t k = 0;
                while (plain[k] && plain[k] != *p) k++;
                CHECK(plain[k]);
                code[n++] = plain_codes[k];
            }
        }
    }
    CHECK(n < 256);
}

/* Count the primes below the argument by trial division. */
static const char primes[] =
    "A 2 B 0 D"
    "{0} b a < ?9  2 C"
    "{1} b c c * < ?2 >3"
    "{2} b c % ?4  c 1 + C >1"
    "{3} d 1 + D"
    "{4} b 1 + B >0"
    "{9} d ;";
/* Fill as many cells as the argument says, sort them by exchange in a subroutine, print the first three, and sum. */
static const char bubble[] =
    "A 0 B"
    "{0} b a < ?1  b 7919 * 31 + 251 % b $  b 1 + B >0"
    "{1} 0 B"
    "{2} b a < ?6  0 C"
    "{3} c a 1 - < ?5  (s  c 1 + C >3"
    "{5} b 1 + B >2"
    "{6} 0 @ . 1 @ . 2 @ .  0 B 0 D"
    "{7} b a < ?8  d 31 * b @ + D  b 1 + B >7"
    "{8} d ;"
    "{s} c 1 + @ c @ < ?x  c @ E  c 1 + @ c $  e c 1 + $ {x} )";
/* The Fibonacci number of the argument, recursively, with a stack of its own in the cells. a: depth, h: result. */
static const char recursive[] =
    "B 0 A 0 H (f h ;"
    "{f} b 2 < ?r  h b + H )"
    "{r} b a $ a 1 + A  b 1 - B (f  a 1 - A a @ B  b 2 - B (f )";

static NOINLINE int32_t execute(const int32_t *code, int32_t argument);
static uint64_t steps;

/* The programs print on their first round only. */
static UNUSED void show(int32_t v) {
    static uint32_t shown;
    if (shown++ < 3) print("%d ", v);
}

static UNUSED uint64_t run_programs(int32_t scale) {
    static int32_t code[3][256];
    assemble(primes, code[0]), assemble(bubble, code[1]), assemble(recursive, code[2]);
    uint64_t sum = 0;
    for (int32_t i = 0; i < scale; i++) {
        int32_t a = execute(code[0], 400 + i % 7), b = execute(code[1], 60 + i % 3), c = execute(code[2], 11 + (i & 1));
        if (i == 0) print("\n%d primes, sorted %d, fibonacci %d, %llu steps\n", a, b, c, (unsigned long long)steps);
        sum = mix(sum, (uint32_t)a + (uint64_t)(uint32_t)b * 3 + (uint32_t)c);
    }
    return mix(sum, steps);
}

#endif
