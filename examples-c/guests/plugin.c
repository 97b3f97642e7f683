/* The guest of plugin.c: the rules of a small game, in two versions. The first has a bug that hangs it as soon as a ball
 * lies still. guests/build.sh compiles it with VERSION=1 and VERSION=2.
 *
 * All that it knows lies in `state`, so the host can take a picture of it, and put that into another instance. */
#include "game.h"

#define IMPORT(name) __attribute__((import_module("game"), import_name(#name)))
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define EXPORT(name) __attribute__((export_name(#name)))

IMPORT(log) void game_log(const char *text, uint32_t length);
IMPORT(play) void game_play(uint32_t sound);

static world state;

/* Where the state lies. */
EXPORT(state) world *get_state(void) { return &state; }

/* Called once for a new game. */
EXPORT(init) void init(void) {
    state.size = sizeof state;
    for (int i = 0; i < BALLS; i++) state.balls[i] = (ball){.x = (float)i, .y = 2.0f + (float)i, .vx = 1.0f, .vy = 0};
}

/* Called after the state has been put in from another instance. */
EXPORT(resume) void resume(void) {
    state.version = VERSION;
    static const char text[] = "version " TEXT(VERSION) " at work";
    game_log(text, sizeof text - 1);
}

EXPORT(tick) void tick(float seconds) {
    for (int i = 0; i < BALLS; i++) {
        ball *b = &state.balls[i];
        b->vy -= 9.81f * seconds;
        b->x += b->vx * seconds;
        b->y += b->vy * seconds;
        if (b->y > 0) continue;
        b->y = 0;
        b->vy *= -0.6f;
        state.bounces++;
        game_play((uint32_t)i);
        if (b->vy < 4.0f) b->vy = 0; /* a slow ball lies still, */
#if VERSION == 1
        while (b->vy < 3.0f) b->vy += b->vy; /* and is kicked until it is fast: which it never is */
#else
        if (b->vy < 3.0f) b->vy = 5.0f; /* and is kicked */
#endif
    }
    state.ticks++;
}
