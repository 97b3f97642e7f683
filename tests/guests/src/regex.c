/* Two regular expression engines: one that backtracks over the pattern's text, one that simulates an automaton. */
#include "guest.h"

/* Literals, '.', classes [a-z^], '*', '+', '?', '^', '$'. */
static const char *after_atom(const char *p) {
    if (*p == '\\') return p + 2;
    if (*p != '[') return p + 1;
    p++;
    if (*p == '^') p++;
    while (*p != ']') p++;
    return p + 1;
}
static bool atom_matches(const char *p, char c) {
    if (!c) return false;
    if (*p == '.') return true;
    if (*p == '\\') return p[1] == 'd' ? c >= '0' && c <= '9' : p[1] == c;
    if (*p != '[') return *p == c;
    bool inverted = *++p == '^', found = false;
    p += inverted;
    for (; *p != ']'; p++) {
        if (p[1] == '-' && p[2] != ']') {
            found |= *p <= c && c <= p[2];
            p += 2;
        } else {
            found |= *p == c;
        }
    }
    return found != inverted;
}
static NOINLINE bool match_here(const char *p, const char *text, const char *start) {
    if (!*p) return true;
    if (*p == '^') return text == start && match_here(p + 1, text, start);
    if (*p == '$' && !p[1]) return !*text;
    const char *next = after_atom(p);
    if (*next == '*' || *next == '+' || *next == '?') {
        const char *t = text;
        while (atom_matches(p, *t) && (*next != '?' || t == text)) t++;
        for (;; t--) {
            if (t - text < (*next == '+')) return false;
            if (match_here(next + 1, t, start)) return true;
            if (t == text) return false;
        }
    }
    return atom_matches(p, *text) && match_here(next, text + 1, start);
}
static bool search(const char *pattern, const char *text) {
    for (const char *t = text;; t++) {
        if (match_here(pattern, t, text)) return true;
        if (!*t) return false;
    }
}

/* Thompson: alternation and grouping too, compiled to states, all live states advanced together. */
typedef struct {
    int16_t symbol, a, b; /* symbol: a character, 256 any, 257 split, 258 accept */
} State;
static State states[256];
static int16_t state_count;

static int16_t state(int16_t symbol, int16_t a, int16_t b) {
    CHECK(state_count < 256);
    states[state_count] = (State){symbol, a, b};
    return state_count++;
}
/* Compiles backwards: `next` is where to go after the part; the part's range is found first. */
static const char *part_end(const char *p) {
    int depth = 0;
    do {
        if (*p == '(') depth++;
        if (*p == ')') depth--;
        p++;
    } while (depth);
    return *p == '*' || *p == '+' || *p == '?' ? p + 1 : p;
}
static int16_t compile(const char *p, const char *end, int16_t next) {
    int depth = 0;
    for (const char *q = p; q < end; q++) {
        if (*q == '(') depth++;
        if (*q == ')') depth--;
        if (*q == '|' && !depth) {
            int16_t a = compile(p, q, next), b = compile(q + 1, end, next);
            return state(257, a, b);
        }
    }
    if (p == end) return next;
    const char *q = part_end(p);
    int16_t rest = compile(q, end, next);
    char last = q[-1];
    bool repeated = q - p > 1 && (last == '*' || last == '+' || last == '?');
    const char *inner_end = repeated ? q - 1 : q;
    int16_t split = repeated ? state(257, -1, rest) : -1, to = repeated && last != '?' ? split : rest;
    int16_t inner = *p == '(' ? compile(p + 1, inner_end - 1, to) : state(*p == '.' ? 256 : (int16_t)*p, to, -1);
    if (!repeated) return inner;
    states[split].a = inner;
    return last == '+' ? inner : split;
}
static uint32_t marks[256], generation;
static int16_t list[2][256];
static int add(int16_t s, int16_t *to, int n) {
    if (marks[s] == generation) return n;
    marks[s] = generation;
    if (states[s].symbol == 257) return add(states[s].b, to, add(states[s].a, to, n));
    to[n++] = s;
    return n;
}
static NOINLINE bool automaton(int16_t start, const char *text) {
    int n = 0, current = 0;
    generation++;
    n = add(start, list[0], 0);
    for (; *text; text++) {
        int m = 0;
        generation++;
        for (int i = 0; i < n; i++) {
            const State *s = &states[list[current][i]];
            if (s->symbol == 256 || s->symbol == *text) m = add(s->a, list[!current], m);
        }
        current = !current, n = m;
    }
    for (int i = 0; i < n; i++)
        if (states[list[current][i]].symbol == 258) return true;
    return false;
}

static uint64_t guest(int32_t scale) {
    static const char *const patterns[] = {"^a.*z$", "[0-9]+-[a-f]*x?", "b+c?d*e", "\\d\\d\\d", "[^a-m]+$", "(a|b)*abb"};
    static const char *const texts[] = {"abcxyz", "call 555-beadx now", "bbbbde", "only 12 and 345", "nopq", "aababb", "", "mmmm-12-zzz"};
    static const char *const grouped[] = {"(a|b)*abb", "(ab|cd)+e?", "a?a?a?a?a?a?aaaaaa", ".*(12|34).*", "x*"};
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 10; pass++) {
        for (uint32_t p = 0; p < COUNT(patterns) - 1; p++)
            for (uint32_t t = 0; t < COUNT(texts); t++) {
                bool found = search(patterns[p], texts[t]);
                if (pass == 0) print("%d", found);
                sum = sum * 3 + found;
            }
        if (pass == 0) print("\n");
        for (uint32_t p = 0; p < COUNT(grouped); p++) {
            state_count = 0;
            int16_t accept = state(258, -1, -1), start = compile(grouped[p], grouped[p] + strlen(grouped[p]), accept);
            for (uint32_t t = 0; t < COUNT(texts); t++) {
                bool found = automaton(start, texts[t]);
                if (pass == 0) print("%d", found);
                sum = sum * 3 + found;
            }
            bool all = automaton(start, "aaaaaa"), pairs = automaton(start, "abcdabcde");
            if (pass == 0) print(" %d%d %d states\n", all, pairs, state_count);
            sum = mix(sum, (uint64_t)all * 2 + pairs + (uint64_t)state_count);
        }
    }
    return sum;
}
