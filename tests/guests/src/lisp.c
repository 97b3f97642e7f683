/* A Lisp with closures, tail calls in its evaluator and a mark and sweep collector: a real interpreter's mix of work. */
#include "guest.h"

typedef enum { FREE, NIL, INTEGER, SYMBOL, PAIR, CLOSURE, PRIMITIVE } Type;
typedef struct Object Object;
struct Object {
    uint8_t type, marked;
    union {
        int64_t integer;
        const char *name;
        struct {
            Object *head, *tail;
        };
        struct {
            Object *lambda, *environment; /* lambda: (parameters body) */
        };
        Object *(*primitive)(Object *);
    };
};

#define HEAP 12000
static Object heap[HEAP], nil = {.type = NIL};
static Object *free_list, *symbols = &nil, *globals = &nil;
static uint32_t collections, live_after;
static Object **roots[512];
static uint32_t root_count;
static char names[2048];
static uint32_t names_used;

/* Every pointer that must survive an allocation is announced on this stack of addresses. */
#define KEEP(variable) (CHECK(root_count < COUNT(roots)), roots[root_count++] = &(variable))
#define KEPT(n) (root_count -= (n))

static NOINLINE void mark(Object *o) {
    while (!o->marked && o->type != NIL) {
        o->marked = 1;
        if (o->type != PAIR && o->type != CLOSURE) return;
        mark(o->head);
        o = o->tail;
    }
}
static NOINLINE void collect(void) {
    collections++;
    live_after = 0;
    mark(symbols), mark(globals);
    for (uint32_t i = 0; i < root_count; i++) mark(*roots[i]);
    free_list = NULL;
    for (uint32_t i = HEAP; i-- > 0;) {
        if (heap[i].marked) {
            heap[i].marked = 0;
            live_after++;
        } else {
            heap[i].type = FREE;
            heap[i].head = free_list;
            free_list = &heap[i];
        }
    }
    CHECK(free_list);
}
static Object *allocate(Type type) {
    if (!free_list) collect();
    Object *o = free_list;
    free_list = o->head;
    o->type = (uint8_t)type;
    o->head = o->tail = &nil;
    return o;
}
static Object *integer(int64_t v) {
    Object *o = allocate(INTEGER);
    o->integer = v;
    return o;
}
static Object *pair(Object *head, Object *tail) {
    KEEP(head), KEEP(tail);
    Object *o = allocate(PAIR);
    KEPT(2);
    o->head = head, o->tail = tail;
    return o;
}
static Object *symbol(const char *from, uint32_t n) {
    for (Object *s = symbols; s != &nil; s = s->tail)
        if (strlen(s->head->name) == n && memcmp(s->head->name, from, n) == 0) return s->head;
    CHECK(names_used + n + 1 < sizeof names);
    char *name = names + names_used;
    memcpy(name, from, n);
    name[n] = 0;
    names_used += n + 1;
    Object *o = allocate(SYMBOL);
    o->name = name;
    symbols = pair(o, symbols);
    return o;
}

static const char *at;
static Object *read_object(void) {
    while (*at == ' ' || *at == '\n') at++;
    if (*at == '(') {
        at++;
        Object *list = &nil, *last = &nil;
        KEEP(list);
        for (;;) {
            while (*at == ' ' || *at == '\n') at++;
            if (*at == ')') break;
            Object *p = pair(read_object(), &nil);
            if (list == &nil) list = p;
            else last->tail = p;
            last = p;
        }
        at++;
        KEPT(1);
        return list;
    }
    const char *start = at;
    while (*at && *at != ' ' && *at != '\n' && *at != '(' && *at != ')') at++;
    bool negative = *start == '-' && at - start > 1;
    if ((*start >= '0' && *start <= '9') || negative) {
        int64_t v = 0;
        for (const char *p = start + negative; p < at; p++) v = v * 10 + (*p - '0');
        return integer(negative ? -v : v);
    }
    return symbol(start, (uint32_t)(at - start));
}

static Object *sym_if, *sym_define, *sym_lambda, *sym_quote, *sym_let, *sym_true;

static Object *lookup(Object *name, Object *environment) {
    for (int global = 0; global < 2; global++, environment = globals)
        for (Object *e = environment; e != &nil; e = e->tail)
            if (e->head->head == name) return e->head;
    print("%s: ", name->name);
    fail("unbound");
    return NULL;
}
static NOINLINE Object *evaluate(Object *expression, Object *environment) {
    KEEP(expression), KEEP(environment);
    Object *result;
    for (;;) {
        if (expression->type == SYMBOL) {
            result = lookup(expression, environment)->tail;
            break;
        }
        if (expression->type != PAIR) {
            result = expression;
            break;
        }
        Object *head = expression->head, *rest = expression->tail;
        if (head == sym_quote) {
            result = rest->head;
            break;
        }
        if (head == sym_if) {
            bool yes = evaluate(rest->head, environment)->type != NIL;
            expression = yes ? rest->tail->head : rest->tail->tail->head;
            continue;
        }
        if (head == sym_lambda) {
            result = allocate(CLOSURE);
            result->lambda = rest, result->environment = environment;
            break;
        }
        if (head == sym_define) {
            result = evaluate(rest->tail->head, environment);
            globals = pair(pair(rest->head, result), globals);
            break;
        }
        if (head == sym_let) {
            Object *value = evaluate(rest->head->tail->head, environment);
            environment = pair(pair(rest->head->head, value), environment);
            expression = rest->tail->head;
            continue;
        }
        Object *function = evaluate(head, environment), *arguments = &nil, *last = &nil;
        KEEP(function), KEEP(arguments);
        for (Object *a = rest; a != &nil; a = a->tail) {
            Object *p = pair(evaluate(a->head, environment), &nil);
            if (arguments == &nil) arguments = p;
            else last->tail = p;
            last = p;
        }
        if (function->type == PRIMITIVE) {
            result = function->primitive(arguments);
            KEPT(2);
            break;
        }
        CHECK(function->type == CLOSURE);
        environment = function->environment;
        for (Object *p = function->lambda->head; p != &nil; p = p->tail, arguments = arguments->tail) environment = pair(pair(p->head, arguments->head), environment);
        expression = function->lambda->tail->head;
        KEPT(2);
    }
    KEPT(2);
    return result;
}

#define FIRST (a->head->integer)
#define SECOND (a->tail->head->integer)
static Object *p_add(Object *a) { return integer(FIRST + SECOND); }
static Object *p_sub(Object *a) { return integer(FIRST - SECOND); }
static Object *p_mul(Object *a) { return integer((int64_t)((uint64_t)FIRST * (uint64_t)SECOND)); }
static Object *p_mod(Object *a) { return integer(FIRST % SECOND); }
static Object *p_less(Object *a) { return FIRST < SECOND ? sym_true : &nil; }
static Object *p_equal(Object *a) { return FIRST == SECOND ? sym_true : &nil; }
static Object *p_cons(Object *a) { return pair(a->head, a->tail->head); }
static Object *p_head(Object *a) { return a->head->head; }
static Object *p_tail(Object *a) { return a->head->tail; }
static Object *p_is_nil(Object *a) { return a->head->type == NIL ? sym_true : &nil; }

static void show(const Object *o) {
    if (o->type == INTEGER) print("%lld", (long long)o->integer);
    else if (o->type == SYMBOL) print("%s", o->name);
    else if (o->type == CLOSURE || o->type == PRIMITIVE) print("<function>");
    else {
        print("(");
        for (; o->type == PAIR; o = o->tail) {
            show(o->head);
            if (o->tail->type == PAIR) print(" ");
        }
        print(")");
    }
}
static void primitive(const char *name, Object *(*f)(Object *)) {
    Object *s = symbol(name, (uint32_t)strlen(name)), *o = allocate(PRIMITIVE);
    o->primitive = f;
    globals = pair(pair(s, o), globals);
}

static uint64_t guest(int32_t scale) {
    static const char prelude[] =
        "(define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))"
        "(define range (lambda (a b) (if (< a b) (cons a (range (+ a 1) b)) nil)))"
        "(define map (lambda (f l) (if (nil? l) nil (cons (f (head l)) (map f (tail l))))))"
        "(define keep (lambda (f l) (if (nil? l) nil (if (f (head l)) (cons (head l) (keep f (tail l))) (keep f (tail l))))))"
        "(define join (lambda (a b) (if (nil? a) b (cons (head a) (join (tail a) b)))))"
        "(define sort (lambda (l) (if (nil? l) nil (let (p (head l))"
        "  (join (sort (keep (lambda (x) (< x p)) (tail l)))"
        "        (cons p (sort (keep (lambda (x) (if (< x p) nil true)) (tail l)))))))))"
        "(define loop (lambda (n acc) (if (= n 0) acc (loop (- n 1) (% (+ (* acc 31) n) 1000003)))))"
        "(define compose (lambda (f g) (lambda (x) (f (g x)))))"
        "(define sum (lambda (l) (if (nil? l) 0 (+ (head l) (sum (tail l))))))";
    static const char *const programs[] = {
        "(fib 12)", "(sort (map (lambda (x) (% (* x 37) 31)) (range 0 24)))", "(loop 800 7)",
        "(sum (map (compose (lambda (x) (* x x)) (lambda (x) (+ x 1))) (range 0 30)))", "(quote (a (b 1) -2))",
    };
    for (uint32_t i = HEAP; i-- > 0;) heap[i].head = free_list, free_list = &heap[i];
    sym_if = symbol("if", 2), sym_define = symbol("define", 6), sym_lambda = symbol("lambda", 6), sym_quote = symbol("quote", 5), sym_let = symbol("let", 3), sym_true = symbol("true", 4);
    globals = pair(pair(sym_true, sym_true), globals);
    globals = pair(pair(symbol("nil", 3), &nil), globals);
    primitive("+", p_add), primitive("-", p_sub), primitive("*", p_mul), primitive("%", p_mod), primitive("<", p_less), primitive("=", p_equal);
    primitive("cons", p_cons), primitive("head", p_head), primitive("tail", p_tail), primitive("nil?", p_is_nil);
    for (at = prelude; *at;) evaluate(read_object(), &nil);
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t i = 0; i < COUNT(programs); i++) {
            at = programs[i];
            Object *result = evaluate(read_object(), &nil);
            if (pass == 0) show(result), print("\n");
            if (result->type == INTEGER) sum = mix(sum, (uint64_t)result->integer);
            for (; result->type == PAIR; result = result->tail)
                if (result->head->type == INTEGER) sum = mix(sum, (uint64_t)result->head->integer);
        }
    }
    CHECK(root_count == 0);
    print("%u collections, %u live after the last\n", collections, live_after);
    return mix(sum, collections * 100000ull + live_after);
}
