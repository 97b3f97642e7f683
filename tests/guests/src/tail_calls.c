/* Guaranteed tail calls, direct and indirect: state machines, continuations, and a threaded interpreter that never returns. */
#include "guest.h"

#if defined(__has_attribute) && __has_attribute(musttail)
#define TAIL __attribute__((musttail)) return
#else
#define TAIL return
#endif

static NOINLINE uint32_t is_odd(uint32_t n, uint32_t acc);
static NOINLINE uint32_t is_even(uint32_t n, uint32_t acc) {
    if (n == 0) return acc * 2;
    TAIL is_odd(n - 1, acc + n);
}
static NOINLINE uint32_t is_odd(uint32_t n, uint32_t acc) {
    if (n == 0) return acc * 2 + 1;
    TAIL is_even(n - 1, acc ^ n);
}

/* Words by a machine whose states are functions: each gets the rest of the text. */
typedef struct {
    uint32_t words, digits, others;
} Counts;
typedef uint32_t (*State)(const char *text, Counts *counts);
static uint32_t in_word(const char *text, Counts *counts);
static uint32_t in_number(const char *text, Counts *counts);
static uint32_t between(const char *text, Counts *counts);
static const State states[3] = {between, in_word, in_number};
static State next_state(char c) { return states[c >= 'a' && c <= 'z' ? 1 : c >= '0' && c <= '9' ? 2 : 0]; }
static NOINLINE uint32_t between(const char *text, Counts *counts) {
    if (!*text) return counts->words;
    counts->others++;
    TAIL next_state(text[1])(text + 1, counts);
}
static NOINLINE uint32_t in_word(const char *text, Counts *counts) {
    if (!*text) return ++counts->words;
    char c = text[1];
    if (c < 'a' || c > 'z') counts->words++;
    TAIL next_state(c)(text + 1, counts);
}
static NOINLINE uint32_t in_number(const char *text, Counts *counts) {
    if (!*text) return counts->words;
    counts->digits++;
    TAIL next_state(text[1])(text + 1, counts);
}

/* Each operation ends in a call of the next. */
typedef uint64_t (*Operation)(const int32_t *pc, uint64_t a, uint64_t b, uint32_t n);
static const Operation operations[5];
#define NEXT TAIL operations[*pc](pc, a, b, n)
static uint64_t op_add(const int32_t *pc, uint64_t a, uint64_t b, uint32_t n) {
    a += b, pc++;
    NEXT;
}
static uint64_t op_mul(const int32_t *pc, uint64_t a, uint64_t b, uint32_t n) {
    b = b * 6364136223846793005ull + (uint64_t)pc[1], pc += 2;
    NEXT;
}
static uint64_t op_swap(const int32_t *pc, uint64_t a, uint64_t b, uint32_t n) {
    uint64_t t = a ^ b >> 7;
    a = b, b = t, pc++;
    NEXT;
}
static uint64_t op_loop(const int32_t *pc, uint64_t a, uint64_t b, uint32_t n) {
    if (--n) pc += pc[1];
    else pc += 2;
    NEXT;
}
static uint64_t op_end(const int32_t *pc, uint64_t a, uint64_t b, uint32_t n) {
    (void)pc, (void)n;
    return a ^ b;
}
static const Operation operations[5] = {op_add, op_mul, op_swap, op_loop, op_end};

/* Continuation passing between functions of different types, which C cannot demand but compilers make tail calls too. */
typedef struct Frame {
    struct Frame *next;
    uint32_t n;
} Frame;
static NOINLINE uint64_t unwind(Frame *k, uint64_t v, double weight);
static NOINLINE uint64_t descend(uint32_t n, Frame *k) {
    if (n < 2) return unwind(k, n, 0.5);
    Frame *f = mem_alloc(sizeof(Frame));
    f->next = k, f->n = n;
    TAIL descend(n - 1, f);
}
static NOINLINE uint64_t finish(uint64_t v) { return v * 3; }
static NOINLINE uint64_t unwind(Frame *k, uint64_t v, double weight) {
    if (!k) return finish(v);
    Frame *next = k->next;
    v = v * 31 + k->n + (uint64_t)(weight * 4);
    mem_free(k);
    TAIL unwind(next, v, weight + 0.25);
}

static uint64_t guest(int32_t scale) {
    static const int32_t program[] = {0, 1, 17, 2, 0, 1, 3, 2, 3, -8, 4};
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        /* Deeper than any stack would allow. */
        uint32_t parity = is_even(1000000 + (uint32_t)pass, 7);
        Counts counts = {0, 0, 0};
        const char *text = "the 3 little pigs met 12 wolves in 1999 and none of the 4 was hurt";
        uint32_t words = next_state(text[0])(text, &counts);
        uint64_t v = operations[program[0]](program, (uint64_t)pass, 3, 5000), w = descend(3000, NULL);
        if (pass == 0) print("%u; %u words, %u digits; %016llx %016llx\n", parity, words, counts.digits, (unsigned long long)v, (unsigned long long)w);
        sum = mix(sum, parity + words + counts.others + v + w);
    }
    return sum;
}
