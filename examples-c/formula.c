/* The guest: a spreadsheet's formula language, compiled from this file to formula.wasm (see build-guest.sh).
 *
 * It knows nothing of its host but two imported functions: one to look up a cell by name, one to report an error. The
 * host writes a formula into the buffer that `formula_buffer` names and calls `evaluate`.
 *
 *   expression = term { ("+" | "-") term }
 *   term       = power { ("*" | "/") power }
 *   power      = unary [ "^" power ]
 *   unary      = "-" unary | primary
 *   primary    = number | cell | function "(" expression { "," expression } ")" | "(" expression ")" */

#define IMPORT(name) __attribute__((import_module("sheet"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("cell") double host_cell(const char *name, int length, int *found);
IMPORT("error") void host_error(const char *message, int length, int position);

static char buffer[1024];
static const char *start, *at;
static int failed;

EXPORT("formula_buffer") char *formula_buffer(void) { return buffer; }
EXPORT("formula_capacity") int formula_capacity(void) { return sizeof buffer - 1; }

static double expression(void);

static double fail(const char *message) {
    int length = 0;
    while (message[length]) length++;
    if (!failed) host_error(message, length, (int)(at - start));
    failed = 1;
    return 0;
}

static void spaces(void) {
    while (*at == ' ') at++;
}

static int accept(char c) {
    spaces();
    if (*at != c) return 0;
    at++;
    return 1;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static double number(void) {
    double value = 0, scale = 1;
    while (is_digit(*at)) value = value * 10 + (*at++ - '0');
    if (*at == '.')
        for (at++; is_digit(*at); at++) value += (*at - '0') * (scale /= 10);
    return value;
}

static int is_named(const char *name, int length, const char *wanted) {
    int i = 0;
    while (i < length && wanted[i] == name[i]) i++;
    return i == length && !wanted[i];
}

static double power_of(double base, double exponent) {
    int n = (int)exponent, negative = n < 0;
    if (n != exponent) return fail("only whole exponents");
    double result = 1;
    for (n = negative ? -n : n; n; n >>= 1, base *= base)
        if (n & 1) result *= base;
    return negative ? 1 / result : result;
}

static double call_function(const char *name, int length) {
    enum { MOST = 16 };
    double values[MOST];
    int count = 0;
    do {
        if (count == MOST) return fail("too many arguments");
        values[count++] = expression();
    } while (accept(','));
    if (!accept(')')) return fail("a ) is missing");
    double result = values[0];
    if (is_named(name, length, "sqrt")) return __builtin_sqrt(result);
    if (is_named(name, length, "abs")) return __builtin_fabs(result);
    if (is_named(name, length, "sum") || is_named(name, length, "mean")) {
        for (int i = 1; i < count; i++) result += values[i];
        return name[0] == 's' ? result : result / count;
    }
    if (is_named(name, length, "max") || is_named(name, length, "min")) {
        for (int i = 1; i < count; i++)
            if ((values[i] > result) == (name[1] == 'a')) result = values[i];
        return result;
    }
    return fail("no such function");
}

static double primary(void) {
    spaces();
    if (is_digit(*at) || *at == '.') return number();
    if (is_letter(*at)) {
        const char *name = at;
        while (is_letter(*at) || is_digit(*at)) at++;
        int length = (int)(at - name), found = 0;
        if (accept('(')) return call_function(name, length);
        double value = host_cell(name, length, &found);
        return found ? value : fail("no such cell");
    }
    if (!accept('(')) return fail("a value is missing");
    double value = expression();
    return accept(')') ? value : fail("a ) is missing");
}

static double unary(void) { return accept('-') ? -unary() : primary(); }

static double power(void) {
    double base = unary();
    return accept('^') ? power_of(base, power()) : base;
}

static double term(void) {
    double value = power();
    for (;;) {
        if (accept('*')) value *= power();
        else if (accept('/')) value /= power();
        else return value;
    }
}

static double expression(void) {
    double value = term();
    for (;;) {
        if (accept('+')) value += term();
        else if (accept('-')) value -= term();
        else return value;
    }
}

/* Evaluates the formula in the buffer; the host hears of errors through its own function. */
EXPORT("evaluate") double evaluate(int length) {
    buffer[length] = 0;
    start = at = buffer;
    failed = 0;
    double value = expression();
    spaces();
    if (!failed && *at) fail("something is left over");
    return value;
}

/* Integers trap where doubles do not: what the host sees of a guest that goes wrong. */
static __attribute__((noinline)) int divide(int a, int b) { return a / b; }
EXPORT("average_of") int average_of(int sum, int count) { return divide(sum, count); }
