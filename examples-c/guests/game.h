/* What the game and its plugins have in common. The fields have fixed sizes and leave no gaps, so the structure lies in the
 * guest's memory as it lies in the host's. */
#ifndef GAME_H
#define GAME_H

#include <stdint.h>

enum { BALLS = 4 };

typedef struct {
    float x, y, vx, vy;
} ball;

typedef struct {
    uint32_t size;    /* of this structure, as the plugin knows it */
    uint32_t version; /* of the plugin that has filled it in */
    uint32_t ticks;   /* done so far */
    uint32_t bounces;
    ball balls[BALLS];
} world;

#endif
