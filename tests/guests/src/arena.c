/* Memory that grows: an arena of linked lists, reallocation of vectors, and a stress of mixed sizes with contents checked. */
#include "guest.h"

typedef struct Chunk {
    struct Chunk *next;
    uint32_t used, size;
    uint8_t bytes[];
} Chunk;
static Chunk *chunks;
static uint32_t chunk_count;

static NOINLINE void *arena_take(uint32_t n) {
    n = (n + 15) & ~15u;
    if (!chunks || chunks->size - chunks->used < n) {
        uint32_t size = n > 8000 ? n : 8000;
        Chunk *c = mem_alloc(sizeof(Chunk) + size);
        c->next = chunks, c->used = 0, c->size = size;
        chunks = c;
        chunk_count++;
    }
    void *p = chunks->bytes + chunks->used;
    chunks->used += n;
    return p;
}
static void arena_drop(void) {
    while (chunks) {
        Chunk *next = chunks->next;
        mem_free(chunks);
        chunks = next;
    }
}

typedef struct Cell {
    struct Cell *next;
    uint32_t value;
} Cell;
static Cell *cons(uint32_t value, Cell *next) {
    Cell *c = arena_take(sizeof(Cell));
    c->value = value, c->next = next;
    return c;
}
static Cell *reversed(Cell *list) {
    Cell *out = NULL;
    while (list) {
        Cell *next = list->next;
        list->next = out;
        out = list, list = next;
    }
    return out;
}

typedef struct {
    uint32_t *items, len, capacity;
} Vector;
static NOINLINE void push(Vector *v, uint32_t x) {
    if (v->len == v->capacity) {
        uint32_t capacity = v->capacity ? v->capacity * 2 : 4, *items = mem_alloc(capacity * 4u);
        if (v->len) memcpy(items, v->items, v->len * 4u);
        mem_free(v->items);
        v->items = items, v->capacity = capacity;
    }
    v->items[v->len++] = x;
}

static uint64_t guest(int32_t scale) {
    enum { LIVE = 64 };
    static struct {
        uint8_t *at;
        uint32_t size, seed;
    } live[LIVE];
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        Cell *list = NULL;
        for (uint32_t i = 0; i < 3000; i++) list = cons(i * i, list);
        list = reversed(list);
        for (Cell *c = list; c; c = c->next) sum = sum * 31 + c->value;
        arena_drop();
        Vector v = {NULL, 0, 0};
        for (uint32_t i = 0; i < 2500; i++) push(&v, i ^ (uint32_t)sum);
        sum = mix(sum, v.items[pass % 2500]);
        mem_free(v.items);
        for (uint32_t i = 0; i < 200; i++) {
            uint32_t k = random_u32() % LIVE;
            if (live[k].at) {
                for (uint32_t b = 0; b < live[k].size; b++) CHECK(live[k].at[b] == (uint8_t)(live[k].seed + b));
                mem_free(live[k].at);
                live[k].at = NULL;
            } else {
                uint32_t bits = random_u32() % 13;
                live[k].size = 1 + random_u32() % (1u << bits), live[k].seed = random_u32();
                live[k].at = mem_alloc(live[k].size);
                for (uint32_t b = 0; b < live[k].size; b++) live[k].at[b] = (uint8_t)(live[k].seed + b);
            }
        }
        if (pass == 0) print("%u chunks\n", chunk_count);
    }
    return sum + chunk_count;
}
