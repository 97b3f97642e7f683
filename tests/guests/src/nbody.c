/* Double arithmetic on small structures: planets attracting each other, symplectic Euler. */
#include "guest.h"

#define BODIES 5
typedef struct {
    double x, y, z, vx, vy, vz, mass;
} Body;

static Body bodies[BODIES] = {
    {0, 0, 0, 0, 0, 0, 39.4},
    {4.84, -1.16, -0.104, 0.606, 2.81, -0.0252, 0.0377},
    {8.34, 4.12, -0.404, -1.01, 1.82, 0.00842, 0.0113},
    {12.9, -15.1, -0.223, 1.08, 0.869, -0.0108, 0.00172},
    {15.4, -25.9, 0.179, 0.979, 0.594, -0.0348, 0.00203},
};

static double energy(void) {
    double e = 0;
    for (int i = 0; i < BODIES; i++) {
        const Body *a = &bodies[i];
        e += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int j = i + 1; j < BODIES; j++) {
            const Body *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            e -= a->mass * b->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}
static NOINLINE void advance(double dt) {
    for (int i = 0; i < BODIES; i++) {
        Body *a = &bodies[i];
        for (int j = i + 1; j < BODIES; j++) {
            Body *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = dt / (square * __builtin_sqrt(square));
            a->vx -= dx * b->mass * pull, a->vy -= dy * b->mass * pull, a->vz -= dz * b->mass * pull;
            b->vx += dx * a->mass * pull, b->vy += dy * a->mass * pull, b->vz += dz * a->mass * pull;
        }
    }
    for (int i = 0; i < BODIES; i++) {
        Body *a = &bodies[i];
        a->x += dt * a->vx, a->y += dt * a->vy, a->z += dt * a->vz;
    }
}

static uint64_t guest(int32_t scale) {
    print("energy %.9f\n", energy());
    for (int32_t i = 0; i < scale * 1000; i++) advance(0.01);
    print("energy %.9f\n", energy());
    uint64_t sum = 0;
    for (int i = 0; i < BODIES; i++) sum = mix(sum, double_bits(bodies[i].x) + double_bits(bodies[i].vz));
    return sum;
}
