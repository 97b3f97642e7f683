/* Small vector structs passed by value, square roots, minima and maxima: spheres, shadows and mirrors as text. */
#include "guest.h"

typedef struct {
    double x, y, z;
} Vec;
typedef struct {
    Vec centre;
    double radius, shine, mirror;
} Sphere;

static Sphere spheres[] = {
    {{0, -1000, 0}, 999, 0.5, 0.1}, {{-1.2, 0, 5}, 1, 0.9, 0.3}, {{1.2, 0.2, 4.5}, 1.2, 0.7, 0.4}, {{0, 1.5, 7}, 1.5, 1.0, 0.2}, {{0.2, -0.6, 3.2}, 0.4, 0.8, 0.0},
};

static inline Vec add(Vec a, Vec b) { return (Vec){a.x + b.x, a.y + b.y, a.z + b.z}; }
static inline Vec sub(Vec a, Vec b) { return (Vec){a.x - b.x, a.y - b.y, a.z - b.z}; }
static inline Vec scaled(Vec a, double k) { return (Vec){a.x * k, a.y * k, a.z * k}; }
static inline double dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline Vec unit(Vec a) { return scaled(a, 1 / __builtin_sqrt(dot(a, a))); }

static NOINLINE double hit(const Sphere *s, Vec from, Vec direction) {
    Vec to = sub(s->centre, from);
    double along = dot(to, direction), square = s->radius * s->radius - dot(to, to) + along * along;
    if (square < 0) return -1;
    double root = __builtin_sqrt(square);
    if (along - root > 1e-4) return along - root;
    return along + root > 1e-4 ? along + root : -1;
}
static const Sphere *nearest(Vec from, Vec direction, double *distance) {
    const Sphere *found = NULL;
    *distance = 1e30;
    for (uint32_t i = 0; i < COUNT(spheres); i++) {
        double d = hit(&spheres[i], from, direction);
        if (d > 0 && d < *distance) *distance = d, found = &spheres[i];
    }
    return found;
}
static double trace(Vec from, Vec direction, int depth) {
    double distance;
    const Sphere *s = nearest(from, direction, &distance);
    if (!s) return 0.2 + 0.3 * (direction.y > 0 ? direction.y : 0);
    Vec at = add(from, scaled(direction, distance)), normal = unit(sub(at, s->centre)), light = unit((Vec){4, 6, -3});
    double lit = dot(normal, light), d;
    if (lit < 0 || nearest(at, light, &d)) lit = 0;
    double colour = s->shine * (0.15 + 0.85 * lit);
    if (depth > 0 && s->mirror > 0) {
        Vec bounced = sub(direction, scaled(normal, 2 * dot(direction, normal)));
        colour = colour * (1 - s->mirror) + s->mirror * trace(at, bounced, depth - 1);
    }
    return colour;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        spheres[4].centre.x = 0.2 + pass * 0.001;
        for (int row = 0; row < 20; row++) {
            for (int column = 0; column < 48; column++) {
                Vec direction = unit((Vec){(column - 24) / 24.0, (10 - row) / 14.0, 1.4});
                double colour = trace((Vec){0, 0.3, 0}, direction, 3);
                sum = mix(sum, double_bits(colour));
                int level = (int)(colour * 10);
                if (pass == 0) put_char(" .,:;+ox%#@"[level < 0 ? 0 : level > 10 ? 10 : level]);
            }
            if (pass == 0) put_char('\n');
        }
    }
    return sum;
}
