/* A lexer and recursive-descent compiler for expressions, with variables and functions, to a tree that is then evaluated. */
#include "guest.h"

typedef struct Node {
    char op;
    double value;
    struct Node *left, *right;
} Node;
static Node pool[2000];
static uint32_t pool_used;
static const char *at;
static double variables[26];

static Node *node(char op, Node *left, Node *right) {
    CHECK(pool_used < COUNT(pool));
    pool[pool_used] = (Node){op, 0, left, right};
    return &pool[pool_used++];
}
static char peek(void) {
    while (*at == ' ') at++;
    return *at;
}
static bool take(char c) {
    if (peek() != c) return false;
    at++;
    return true;
}
static Node *expression(void);
static NOINLINE Node *primary(void) {
    char c = peek();
    if (take('(')) {
        Node *n = expression();
        CHECK(take(')'));
        return n;
    }
    if (take('-')) return node('n', primary(), NULL);
    if (c >= '0' && c <= '9') {
        Node *n = node('#', NULL, NULL);
        double v = 0, unit = 1;
        for (; *at >= '0' && *at <= '9'; at++) v = v * 10 + (*at - '0');
        if (*at == '.')
            for (at++; *at >= '0' && *at <= '9'; at++) unit /= 10, v += (*at - '0') * unit;
        n->value = v;
        return n;
    }
    if (c >= 'a' && c <= 'z') {
        at++;
        if (c == 's' && *at == 'q') { /* sq(x) */
            at++;
            CHECK(take('('));
            Node *n = expression();
            CHECK(take(')'));
            return node('q', n, NULL);
        }
        Node *n = node('v', NULL, NULL);
        n->value = c - 'a';
        return n;
    }
    fail("expression expected");
    return NULL;
}
static Node *term(void) {
    Node *n = primary();
    for (;;) {
        if (take('*')) n = node('*', n, primary());
        else if (take('/')) n = node('/', n, primary());
        else return n;
    }
}
static Node *sum_of(void) {
    Node *n = term();
    for (;;) {
        if (take('+')) n = node('+', n, term());
        else if (take('-')) n = node('-', n, term());
        else return n;
    }
}
static Node *expression(void) {
    Node *n = sum_of();
    if (take('<')) n = node('<', n, sum_of());
    if (take('?')) {
        Node *yes = expression();
        CHECK(take(':'));
        n = node('?', n, node(':', yes, expression()));
    }
    return n;
}
static NOINLINE double evaluate(const Node *n) {
    switch (n->op) {
    case '#': return n->value;
    case 'v': return variables[(int)n->value];
    case 'n': return -evaluate(n->left);
    case 'q': return __builtin_sqrt(__builtin_fabs(evaluate(n->left)));
    case '+': return evaluate(n->left) + evaluate(n->right);
    case '-': return evaluate(n->left) - evaluate(n->right);
    case '*': return evaluate(n->left) * evaluate(n->right);
    case '/': return evaluate(n->left) / evaluate(n->right);
    case '<': return evaluate(n->left) < evaluate(n->right);
    case '?': return evaluate(n->left) != 0 ? evaluate(n->right->left) : evaluate(n->right->right);
    default: fail("bad node"); return 0;
    }
}

static uint64_t guest(int32_t scale) {
    static const char *const lines[] = {
        "1 + 2 * 3 - 4 / 5", "(x + 1) * (x - 1) - -x", "sq(x*x + y*y) / (1 + sq(y))", "x < y ? x * 3.25 : y < 2 ? 7 : sq(x - y)",
        "((((x+1)*x+2)*x+3)*x+4)*x+5", "a + b*c - d/(e+1) + sq(a*b*c) * (d < e ? a : b)",
    };
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 5; pass++) {
        for (uint32_t i = 0; i < COUNT(lines); i++) {
            pool_used = 0;
            at = lines[i];
            Node *n = expression();
            CHECK(peek() == 0);
            for (int k = 0; k < 20; k++) {
                for (int v = 0; v < 26; v++) variables[v] = (double)((v * 7 + k * 3 + pass) % 11) / 2;
                double r = evaluate(n);
                if (pass == 0 && k < 2) print("%.6f ", r);
                sum = mix(sum, double_bits(r));
            }
        }
        if (pass == 0) print("\n");
    }
    return sum;
}
