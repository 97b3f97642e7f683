/* Heaps: heapsort, a priority queue, and a bottom-up merge sort of linked records. */
#include "guest.h"

#define N 3000
static uint64_t values[N];

static NOINLINE void sift(uint64_t *a, uint32_t root, uint32_t n) {
    uint64_t v = a[root];
    for (uint32_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && a[child] < a[child + 1]) child++;
        if (v >= a[child]) break;
        a[root] = a[child];
    }
    a[root] = v;
}
static void heapsort(uint64_t *a, uint32_t n) {
    for (uint32_t i = n / 2; i-- > 0;) sift(a, i, n);
    while (n > 1) {
        uint64_t t = a[--n];
        a[n] = a[0], a[0] = t;
        sift(a, 0, n);
    }
}

typedef struct Record {
    struct Record *next;
    uint32_t key, order;
} Record;
static Record records[N];

static Record *merge(Record *a, Record *b) {
    Record head, *tail = &head;
    while (a && b) {
        Record **least = b->key < a->key ? &b : &a;
        tail->next = *least;
        tail = *least;
        *least = tail->next;
    }
    tail->next = a ? a : b;
    return head.next;
}
static NOINLINE Record *sort_list(Record *list) {
    Record *bins[32] = {0};
    while (list) {
        Record *one = list;
        list = list->next;
        one->next = NULL;
        uint32_t i = 0;
        for (; bins[i]; i++) one = merge(bins[i], one), bins[i] = NULL;
        bins[i] = one;
    }
    for (uint32_t i = 0; i < 32; i++)
        if (bins[i]) list = list ? merge(bins[i], list) : bins[i];
    return list;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t i = 0; i < N; i++) {
            values[i] = random_u64() >> 12;
            uint32_t key = random_u32() % 500;
            records[i] = (Record){i + 1 < N ? &records[i + 1] : NULL, key, i};
        }
        heapsort(values, N);
        for (uint32_t i = 1; i < N; i++) CHECK(values[i - 1] <= values[i]);
        Record *list = sort_list(records);
        for (Record *r = list; r->next; r = r->next) CHECK(r->key < r->next->key || (r->key == r->next->key && r->order < r->next->order));
        if (pass == 0) print("%llu %llu, first record %u\n", (unsigned long long)values[0], (unsigned long long)values[N - 1], list->order);
        sum = mix(sum, values[N / 7] + list->order);
    }
    return sum;
}
