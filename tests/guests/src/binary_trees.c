/* Allocation and pointer chasing: full binary trees made and dropped, and a treap with insertion and deletion. */
#include "guest.h"

typedef struct Tree {
    struct Tree *left, *right;
} Tree;
static NOINLINE Tree *grow(int depth) {
    Tree *t = mem_alloc(sizeof(Tree));
    t->left = depth ? grow(depth - 1) : NULL;
    t->right = depth ? grow(depth - 1) : NULL;
    return t;
}
static NOINLINE uint32_t weigh(const Tree *t) { return t->left ? 1 + weigh(t->left) + weigh(t->right) : 1; }
static NOINLINE void fell(Tree *t) {
    if (t->left) fell(t->left), fell(t->right);
    mem_free(t);
}

typedef struct Node {
    struct Node *child[2];
    uint32_t key, priority;
} Node;
static Node *rotate(Node *n, int side) {
    Node *c = n->child[side];
    n->child[side] = c->child[!side];
    c->child[!side] = n;
    return c;
}
static NOINLINE Node *insert(Node *n, uint32_t key) {
    if (!n) {
        n = mem_alloc(sizeof(Node));
        *n = (Node){{NULL, NULL}, key, random_u32()};
        return n;
    }
    if (n->key == key) return n;
    int side = key > n->key;
    n->child[side] = insert(n->child[side], key);
    return n->child[side]->priority > n->priority ? rotate(n, side) : n;
}
static NOINLINE Node *erase(Node *n, uint32_t key) {
    if (!n) return NULL;
    if (key != n->key) {
        int side = key > n->key;
        n->child[side] = erase(n->child[side], key);
        return n;
    }
    if (!n->child[0] || !n->child[1]) {
        Node *c = n->child[!n->child[0]];
        mem_free(n);
        return c;
    }
    int side = n->child[1]->priority > n->child[0]->priority;
    n = rotate(n, side);
    n->child[!side] = erase(n->child[!side], key);
    return n;
}
static uint64_t walk(const Node *n, uint32_t depth, uint32_t *count) {
    if (!n) return 0;
    uint64_t left = walk(n->child[0], depth + 1, count);
    ++*count;
    return mix(left, n->key + depth) + walk(n->child[1], depth + 1, count);
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    Tree *kept = grow(8);
    Node *root = NULL;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (int depth = 2; depth <= 8; depth += 2) {
            uint32_t total = 0;
            for (int i = 0; i < 1 << (8 - depth); i++) {
                Tree *t = grow(depth);
                total += weigh(t);
                fell(t);
            }
            if (pass == 0) print("depth %d: %u nodes\n", depth, total);
            sum = mix(sum, total);
        }
        for (int i = 0; i < 300; i++) root = insert(root, random_u32() % 1000), root = erase(root, random_u32() % 1000);
        uint32_t count = 0;
        uint64_t shape = walk(root, 0, &count);
        if (pass == 0) print("treap of %u\n", count);
        sum = mix(sum, shape + count);
    }
    return mix(sum, weigh(kept));
}
