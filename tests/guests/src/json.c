/* A JSON parser into a tree, a query over it, and a printer; recursion, strings with escapes, numbers, errors. */
#include "guest.h"

typedef enum { NONE, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT } Kind;
typedef struct Value {
    Kind kind;
    double number;
    char *text;
    char *key;
    struct Value *first, *next;
} Value;

static const char *at;
static bool bad;
static char *out;

static void blanks(void) {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
}
static Value *make(Kind kind) {
    Value *v = mem_alloc(sizeof(Value));
    *v = (Value){.kind = kind};
    return v;
}
static void destroy(Value *v) {
    while (v) {
        Value *next = v->next;
        destroy(v->first);
        mem_free(v->text);
        mem_free(v->key);
        mem_free(v);
        v = next;
    }
}
static uint32_t hex4(void) {
    uint32_t v = 0;
    for (int i = 0; i < 4; i++, at++) {
        char c = *at;
        if (c >= '0' && c <= '9') v = v * 16 + (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f') v = v * 16 + (uint32_t)(c - 'a' + 10);
        else {
            bad = true;
            return 0;
        }
    }
    return v;
}
static char *string(void) {
    const char *end = ++at;
    while (*end && *end != '"') end += *end == '\\' && end[1] ? 2 : 1;
    char *s = mem_alloc((size_t)(end - at) + 1), *o = s;
    while (*at && *at != '"') {
        if (*at != '\\') {
            *o++ = *at++;
            continue;
        }
        at++;
        switch (*at++) {
        case 'n': *o++ = '\n'; break;
        case 't': *o++ = '\t'; break;
        case 'u': {
            uint32_t c = hex4();
            if (c < 0x80) {
                *o++ = (char)c;
            } else if (c < 0x800) {
                *o++ = (char)(0xc0 | c >> 6), *o++ = (char)(0x80 | (c & 63));
            } else {
                *o++ = (char)(0xe0 | c >> 12), *o++ = (char)(0x80 | (c >> 6 & 63)), *o++ = (char)(0x80 | (c & 63));
            }
            break;
        }
        default: *o++ = at[-1];
        }
    }
    *o = 0;
    if (*at++ != '"') bad = true, at--;
    return s;
}
static double number(void) {
    bool negative = *at == '-';
    at += negative;
    double v = 0, unit = 1;
    if (*at < '0' || *at > '9') bad = true;
    while (*at >= '0' && *at <= '9') v = v * 10 + (*at++ - '0');
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++) unit /= 10, v += (*at - '0') * unit;
    if (*at == 'e') {
        at++;
        bool down = *at == '-';
        at += down || *at == '+';
        int e = 0;
        while (*at >= '0' && *at <= '9') e = e * 10 + (*at++ - '0');
        for (; e > 0; e--) v = down ? v / 10 : v * 10;
    }
    return negative ? -v : v;
}
static bool word(const char *w) {
    uint32_t n = (uint32_t)strlen(w);
    for (uint32_t i = 0; i < n; i++)
        if (at[i] != w[i]) return false;
    at += n;
    return true;
}
static NOINLINE Value *parse(int depth) {
    blanks();
    Value *v = make(NONE), **tail = &v->first;
    if (depth > 100) bad = true;
    if (bad) return v;
    if (*at == '"') {
        v->kind = STRING, v->text = string();
    } else if (*at == '[' || *at == '{') {
        bool object = *at == '{';
        char close = object ? '}' : ']';
        v->kind = object ? OBJECT : ARRAY;
        at++;
        blanks();
        if (*at == close) {
            at++;
            return v;
        }
        while (!bad) {
            char *key = NULL;
            blanks();
            if (object) {
                if (*at != '"') {
                    bad = true;
                    break;
                }
                key = string();
                blanks();
                if (*at++ != ':') bad = true, at--;
            }
            *tail = parse(depth + 1);
            (*tail)->key = key;
            tail = &(*tail)->next;
            blanks();
            if (*at == close) {
                at++;
                break;
            }
            if (*at++ != ',') bad = true, at--;
        }
    } else if (word("true")) {
        v->kind = BOOLEAN, v->number = 1;
    } else if (word("false")) {
        v->kind = BOOLEAN;
    } else if (!word("null")) {
        v->kind = NUMBER, v->number = number();
    }
    return v;
}
static void emit(const char *s) {
    while (*s) *out++ = *s++;
}
static void emit_number(double v) {
    if (v < 0) *out++ = '-', v = -v;
    uint64_t n = (uint64_t)(v * 1000 + 0.5);
    char digits[24];
    int k = 0;
    for (uint64_t w = n / 1000; w || !k; w /= 10) digits[k++] = (char)('0' + w % 10);
    while (k) *out++ = digits[--k];
    if (n % 1000) *out++ = '.', *out++ = (char)('0' + n / 100 % 10), *out++ = (char)('0' + n / 10 % 10), *out++ = (char)('0' + n % 10);
}
static void emit_string(const char *s) {
    *out++ = '"';
    for (; *s; s++) {
        if (*s == '\n') emit("\\n");
        else if (*s == '"' || *s == '\\') *out++ = '\\', *out++ = *s;
        else *out++ = *s;
    }
    *out++ = '"';
}
static NOINLINE void render(const Value *v) {
    switch (v->kind) {
    case NONE: emit("null"); break;
    case BOOLEAN: emit(v->number != 0 ? "true" : "false"); break;
    case NUMBER: emit_number(v->number); break;
    case STRING: emit_string(v->text); break;
    case ARRAY:
    case OBJECT:
        *out++ = v->kind == ARRAY ? '[' : '{';
        for (const Value *c = v->first; c; c = c->next) {
            if (c->key) emit_string(c->key), *out++ = ':';
            render(c);
            if (c->next) *out++ = ',';
        }
        *out++ = v->kind == ARRAY ? ']' : '}';
        break;
    }
    *out = 0;
}
static double total(const Value *v) {
    double t = v->kind == NUMBER ? v->number : 0;
    for (const Value *c = v->first; c; c = c->next) t += total(c);
    return t;
}

static uint64_t guest(int32_t scale) {
    static const char document[] =
        "{ \"name\": \"caf\\u00e9 \\u20ac\", \"on\": true, \"off\": false, \"nothing\": null,\n"
        "  \"points\": [[1, 2.5], [-3.25, 4e2], [5.125e-1, 6]], \"empty\": {}, \"none\": [ ],\n"
        "  \"text\": \"line\\nbreak \\\"quoted\\\" \\\\ end\", \"deep\": [[[[[[[[42]]]]]]]],\n"
        "  \"people\": [{\"id\": 1, \"tags\": [\"a\", \"b\"]}, {\"id\": 22, \"tags\": []}, {\"id\": 333, \"tags\": [\"c\"]}] }";
    static const char *const broken[] = {"[1, 2", "{\"a\" 1}", "[1,,2]", "\"open", "{1:2}", "nul"};
    static char text[4096], again[4096];
    uint64_t sum = 0;
    for (uint32_t i = 0; i < COUNT(broken); i++) {
        at = broken[i], bad = false;
        destroy(parse(0));
        print("%d", bad);
    }
    print("\n");
    for (int32_t pass = 0; pass < scale * 10; pass++) {
        at = document, bad = false;
        Value *v = parse(0);
        CHECK(!bad && *at == 0);
        out = text;
        render(v);
        double t = total(v);
        destroy(v);
        at = text;
        v = parse(0);
        out = again;
        render(v);
        destroy(v);
        CHECK(!bad && str_cmp(text, again) == 0);
        if (pass == 0) print("%s\n%.4f\n", text, t);
        sum = mix_bytes(sum + double_bits(t), text, strlen(text));
    }
    return sum;
}
