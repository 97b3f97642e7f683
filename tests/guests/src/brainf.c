/* A compiler from a minimal language of eight signs to runs and jumps, and its machine: unpredictable branches. */
#include "guest.h"

typedef struct {
    uint8_t op; /* '+' add, '>' move, '.' print, '[' and ']' jump, 'z' clear, 'm' add to a neighbour and clear */
    int16_t by;
} Step;
static Step steps[2048];
static uint8_t tape[1024];
static uint64_t executed;

static uint32_t compile(const char *p) {
    uint32_t n = 0, depth = 0;
    uint16_t open[64];
    for (; *p; p++) {
        CHECK(n < COUNT(steps) - 1);
        if (*p == '+' || *p == '-' || *p == '>' || *p == '<') {
            uint8_t op = *p == '+' || *p == '-' ? '+' : '>';
            int16_t by = *p == '+' || *p == '>' ? 1 : -1;
            if (n && steps[n - 1].op == op) steps[n - 1].by = (int16_t)(steps[n - 1].by + by);
            else steps[n++] = (Step){op, by};
        } else if (*p == '.') {
            steps[n++] = (Step){'.', 0};
        } else if (*p == '[') {
            open[depth++] = (uint16_t)n;
            steps[n++] = (Step){'[', 0};
        } else if (*p == ']') {
            uint32_t from = open[--depth];
            if (n == from + 2 && steps[from + 1].op == '+') {
                steps[from] = (Step){'z', 0};
                n = from + 1;
            } else if (n == from + 5 && steps[from + 1].op == '+' && steps[from + 1].by == -1 && steps[from + 2].op == '>' && steps[from + 3].op == '+' &&
                       steps[from + 3].by == 1 && steps[from + 4].by == -steps[from + 2].by) {
                steps[from] = (Step){'m', steps[from + 2].by};
                n = from + 1;
            } else {
                steps[from].by = (int16_t)(n - from);
                steps[n] = (Step){']', (int16_t)(n - from)};
                n++;
            }
        }
    }
    steps[n] = (Step){0, 0};
    return n;
}
static NOINLINE uint64_t execute(bool show) {
    memset(tape, 0, sizeof tape);
    uint64_t digest = 0;
    uint32_t at = 0;
    for (const Step *s = steps;; s++) {
        executed++;
        switch (s->op) {
        case '+': tape[at] = (uint8_t)(tape[at] + s->by); break;
        case '>': at = (at + (uint32_t)s->by) & 1023; break;
        case '.':
            digest = digest * 257 + tape[at];
            if (show) put_char((char)tape[at]);
            break;
        case '[':
            if (!tape[at]) s += s->by;
            break;
        case ']':
            if (tape[at]) s -= s->by;
            break;
        case 'z': tape[at] = 0; break;
        case 'm': tape[(at + (uint32_t)s->by) & 1023] = (uint8_t)(tape[(at + (uint32_t)s->by) & 1023] + tape[at]), tape[at] = 0; break;
        default: return digest;
        }
    }
}

/* Writes a program that prints a text: each character by a counted loop over eighths. */
static void write_program(const char *text, char *out) {
    for (; *text; text++) {
        for (const char *p = "++++++++[>"; *p;) *out++ = *p++;
        for (int i = 0; i < *text / 8; i++) *out++ = '+';
        for (const char *p = "<-]>"; *p;) *out++ = *p++;
        for (int i = 0; i < *text % 8; i++) *out++ = '+';
        for (const char *p = ".[-]<"; *p;) *out++ = *p++;
    }
    *out = 0;
}

static uint64_t guest(int32_t scale) {
    static char hello[1500];
    /* Four nested counts that carry into each other, and a triangle of stars. */
    static const char nested[] = "+++++++++[>+++++++[>+++++++++[>+++++[>+>++>+++<<<-]>>[<+>-]<[>>+<<-]<<-]<-]<-]>>>>>.>.";
    static const char stars[] =
        ">++++++++++<++++++++++[>>+++++++[>++++++<-]>>+<<<<[->+>>>+<<<<]>[-<+>]>>>[-<.>]<[-]<[-]<.<-]";
    uint64_t sum = 0;
    write_program("Hello from inside!\n", hello);
    for (int32_t pass = 0; pass < scale; pass++) {
        uint32_t a = compile(hello);
        uint64_t x = execute(pass == 0);
        uint32_t b = compile(nested);
        uint64_t y = execute(false);
        uint32_t c = compile(stars);
        uint64_t z = execute(false);
        if (pass == 0) print("%u, %u and %u steps, %llu executed\n", a, b, c, (unsigned long long)executed);
        sum = mix(sum, x + y * 3 + z);
    }
    return sum + executed;
}
