/* Graphs: shortest paths with a binary heap, union-find spanning trees, breadth-first labyrinths, Floyd-Warshall. */
#include "guest.h"

#define NODES 300
#define EDGES 1800
typedef struct {
    uint16_t from, to;
    uint32_t cost;
} Edge;
static Edge edges[EDGES];
static uint32_t first[NODES + 1], distance[NODES], heap_at[NODES], heap_size;
static uint16_t heap[NODES], parent[NODES];

static void place(uint32_t at, uint16_t n) { heap[at] = n, heap_at[n] = at; }
static void up(uint32_t at) {
    uint16_t n = heap[at];
    for (; at > 0 && distance[n] < distance[heap[(at - 1) / 2]]; at = (at - 1) / 2) place(at, heap[(at - 1) / 2]);
    place(at, n);
}
static void sink(uint32_t at) {
    uint16_t n = heap[at];
    for (uint32_t c; (c = 2 * at + 1) < heap_size; at = c) {
        if (c + 1 < heap_size && distance[heap[c + 1]] < distance[heap[c]]) c++;
        if (distance[n] <= distance[heap[c]]) break;
        place(at, heap[c]);
    }
    place(at, n);
}
static NOINLINE uint64_t shortest(uint16_t from) {
    heap_size = NODES;
    for (uint16_t i = 0; i < NODES; i++) distance[i] = ~0u, place(i, i);
    distance[from] = 0;
    up(heap_at[from]);
    uint64_t total = 0;
    while (heap_size) {
        uint16_t n = heap[0];
        if (distance[n] == ~0u) break;
        total += distance[n];
        place(0, heap[--heap_size]);
        if (heap_size) sink(0);
        for (uint32_t e = first[n]; e < first[n + 1]; e++) {
            uint32_t d = distance[n] + edges[e].cost;
            if (d < distance[edges[e].to]) distance[edges[e].to] = d, up(heap_at[edges[e].to]);
        }
    }
    return total;
}
static uint16_t root(uint16_t n) {
    while (parent[n] != n) parent[n] = parent[parent[n]], n = parent[n];
    return n;
}
static NOINLINE uint32_t spanning(void) {
    static uint16_t order[EDGES];
    for (uint16_t i = 0; i < EDGES; i++) {
        uint16_t j = i;
        for (; j > 0 && edges[order[j - 1]].cost > edges[i].cost && i < 200; j--) order[j] = order[j - 1];
        order[j] = i;
    }
    for (uint16_t i = 0; i < NODES; i++) parent[i] = i;
    uint32_t total = 0;
    for (uint32_t i = 0; i < EDGES; i++) {
        const Edge *e = &edges[order[i]];
        uint16_t a = root(e->from), b = root(e->to);
        if (a != b) parent[a] = b, total += e->cost;
    }
    return total;
}
static NOINLINE uint32_t labyrinth(uint32_t seed) {
    enum { W = 48 };
    static uint8_t wall[W][W];
    static uint16_t queue[W * W], steps[W][W];
    for (uint32_t i = 0; i < W * W; i++) {
        seed = seed * 1664525 + 1013904223;
        wall[i / W][i % W] = seed >> 28 < 4, steps[i / W][i % W] = 0xffff;
    }
    uint32_t head = 0, tail = 0, last = 0;
    wall[0][0] = 0, steps[0][0] = 0, queue[tail++] = 0;
    while (head < tail) {
        uint32_t y = queue[head] / W, x = queue[head++] % W;
        last = steps[y][x];
        for (int d = 0; d < 4; d++) {
            uint32_t ny = y + (uint32_t)(d == 0) - (uint32_t)(d == 1), nx = x + (uint32_t)(d == 2) - (uint32_t)(d == 3);
            if (ny >= W || nx >= W || wall[ny][nx] || steps[ny][nx] != 0xffff) continue;
            steps[ny][nx] = (uint16_t)(last + 1);
            queue[tail++] = (uint16_t)(ny * W + nx);
        }
    }
    return tail * 1000 + last;
}
static NOINLINE uint64_t all_pairs(void) {
    enum { N = 40 };
    static uint32_t d[N][N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) d[i][j] = i == j ? 0 : 1 + edges[i * N + j].cost % 1000;
    for (int k = 0; k < N; k++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                if (d[i][k] + d[k][j] < d[i][j]) d[i][j] = d[i][k] + d[k][j];
    uint64_t sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) sum += d[i][j];
    return sum;
}

static uint64_t guest(int32_t scale) {
    for (uint32_t i = 0; i < EDGES; i++) {
        uint32_t to = random_u32() % NODES, cost = 1 + random_u32() % 10000;
        edges[i] = (Edge){(uint16_t)(i * NODES / EDGES), (uint16_t)to, cost};
    }
    for (uint32_t n = 0, e = 0; n <= NODES; n++) {
        while (e < EDGES && edges[e].from < n) e++;
        first[n] = e;
    }
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        uint64_t a = shortest((uint16_t)(pass % NODES)), c = all_pairs();
        uint32_t b = spanning(), d = labyrinth((uint32_t)pass);
        if (pass == 0) print("%llu %u %llu %u\n", (unsigned long long)a, b, (unsigned long long)c, d);
        sum = mix(sum, a + b + c + d);
        edges[pass % EDGES].cost = 1 + (uint32_t)sum % 10000;
    }
    return sum;
}
