/* Indirect calls through tables of methods: shapes and a small class hierarchy, monomorphic and mixed sites. */
#include "guest.h"

typedef struct Shape Shape;
typedef struct {
    double (*area)(const Shape *);
    double (*edge)(const Shape *);
    void (*grow)(Shape *, double);
    const char *name;
} Methods;
struct Shape {
    const Methods *methods;
    double a, b, c;
};

static double rectangle_area(const Shape *s) { return s->a * s->b; }
static double rectangle_edge(const Shape *s) { return 2 * (s->a + s->b); }
static double square_area(const Shape *s) { return s->a * s->a; }
static double square_edge(const Shape *s) { return 4 * s->a; }
static double circle_area(const Shape *s) { return 3.14159 * s->a * s->a; }
static double circle_edge(const Shape *s) { return 2 * 3.14159 * s->a; }
static double triangle_edge(const Shape *s) { return s->a + s->b + s->c; }
static double triangle_area(const Shape *s) {
    double h = s->methods->edge(s) / 2;
    double square = h * (h - s->a) * (h - s->b) * (h - s->c);
    return square > 0 ? __builtin_sqrt(square) : 0;
}
static void grow_all(Shape *s, double k) { s->a *= k, s->b *= k, s->c *= k; }
static void grow_one(Shape *s, double k) { s->a *= k; }

static const Methods rectangle = {rectangle_area, rectangle_edge, grow_all, "rectangle"}, square = {square_area, square_edge, grow_one, "square"},
                     circle = {circle_area, circle_edge, grow_one, "circle"}, triangle = {triangle_area, triangle_edge, grow_all, "triangle"};
static const Methods *const kinds[] = {&rectangle, &square, &circle, &triangle};

static NOINLINE double total_area(Shape **shapes, uint32_t n) {
    double t = 0;
    for (uint32_t i = 0; i < n; i++) t += shapes[i]->methods->area(shapes[i]);
    return t;
}
static NOINLINE double total_edge(Shape **shapes, uint32_t n) {
    double t = 0;
    for (uint32_t i = 0; i < n; i++) t += shapes[i]->methods->edge(shapes[i]);
    return t;
}

static uint64_t guest(int32_t scale) {
    enum { N = 200 };
    static Shape all[N], *mixed[N], *same[N];
    uint32_t circles = 0;
    for (uint32_t i = 0; i < N; i++) {
        all[i].methods = kinds[random_u32() % 4];
        all[i].a = 1 + random_double(), all[i].b = 1 + random_double(), all[i].c = 1 + random_double();
        mixed[i] = &all[i];
        if (all[i].methods == &circle) same[circles++] = &all[i];
    }
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale * 10; pass++) {
        double a = total_area(mixed, N), e = total_edge(mixed, N), c = total_area(same, circles);
        if (pass == 0) print("%s first, area %.6f, edge %.6f, %u circles %.6f\n", all[0].methods->name, a, e, circles, c);
        sum = mix(sum, double_bits(a) + double_bits(e) + double_bits(c));
        for (uint32_t i = 0; i < N; i++) mixed[i]->methods->grow(mixed[i], pass & 1 ? 1.25 : 0.8);
    }
    return sum;
}
