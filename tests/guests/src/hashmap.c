/* Two hash maps: open addressing with deletion on integers, and chains of strings in allocated nodes. */
#include "guest.h"

#define SLOTS 4096
typedef struct {
    uint32_t key, value, used; /* 0 never used, 1 live, 2 deleted */
} Slot;
static Slot slots[SLOTS];

static inline uint32_t hash_u32(uint32_t x) {
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}
static NOINLINE Slot *find(uint32_t key, bool insert) {
    Slot *grave = NULL;
    for (uint32_t i = hash_u32(key);; i++) {
        Slot *s = &slots[i % SLOTS];
        if (s->used == 1 && s->key == key) return s;
        if (s->used == 2 && !grave) grave = s;
        if (s->used == 0) {
            if (!insert) return NULL;
            if (grave) s = grave;
            *s = (Slot){key, 0, 1};
            return s;
        }
    }
}

typedef struct Node {
    struct Node *next;
    uint32_t count;
    char name[12];
} Node;
static Node *chains[256];

static NOINLINE Node *intern(const char *name) {
    uint32_t h = 2166136261u;
    for (const char *p = name; *p; p++) h = (h ^ (uint8_t)*p) * 16777619u;
    Node **at = &chains[(h ^ h >> 16) & 255];
    for (; *at; at = &(*at)->next)
        if (str_cmp((*at)->name, name) == 0) return *at;
    Node *n = mem_alloc(sizeof(Node));
    n->next = NULL, n->count = 0;
    str_copy(n->name, name);
    return *at = n;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    uint32_t live = 0;
    for (int32_t i = 0; i < scale * 2000; i++) {
        uint32_t key = random_u32() % 3000;
        Slot *s = find(key, true);
        live += s->value == 0;
        s->value += key + 1;
        key = random_u32() % 3000;
        s = find(key, false);
        if (s && key % 3 == 0) {
            sum = mix(sum, s->value);
            s->used = 2;
            live--;
        }
        char name[12];
        uint32_t word = random_u32() % 900;
        for (int k = 0; k < 5; k++) name[k] = (char)('a' + (word >> (2 * k) & 15)), name[k + 1] = 0;
        intern(name)->count++;
    }
    uint32_t longest = 0, names = 0;
    for (int i = 0; i < 256; i++) {
        uint32_t length = 0;
        for (Node *n = chains[i]; n; n = n->next) length++, names++, sum = mix(sum, n->count);
        longest = length > longest ? length : longest;
    }
    print("%u live, %u names, longest chain %u\n", live, names, longest);
    return sum;
}
