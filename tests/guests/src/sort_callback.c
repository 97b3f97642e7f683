/* A generic sort in the manner of qsort with comparison callbacks, a binary search, and map, filter, fold by pointer. */
#include "guest.h"

typedef int (*Compare)(const void *, const void *);

static void exchange(uint8_t *a, uint8_t *b, size_t n) {
    while (n--) {
        uint8_t t = *a;
        *a++ = *b, *b++ = t;
    }
}
static NOINLINE void sort(void *base, size_t n, size_t size, Compare compare) {
    uint8_t *a = base;
    while (n > 1) {
        exchange(a, a + n / 2 * size, size);
        size_t last = 0;
        for (size_t i = 1; i < n; i++)
            if (compare(a + i * size, a) < 0 && ++last != i) exchange(a + last * size, a + i * size, size);
        exchange(a, a + last * size, size);
        size_t right = n - last - 1;
        if (last < right) {
            sort(a, last, size, compare);
            a += (last + 1) * size, n = right;
        } else {
            sort(a + (last + 1) * size, right, size, compare);
            n = last;
        }
    }
}
static NOINLINE void *search(const void *key, void *base, size_t n, size_t size, Compare compare) {
    uint8_t *a = base;
    while (n) {
        int c = compare(key, a + n / 2 * size);
        if (c == 0) return a + n / 2 * size;
        if (c > 0) a += (n / 2 + 1) * size, n -= n / 2 + 1;
        else n /= 2;
    }
    return NULL;
}

typedef struct {
    uint32_t id;
    int16_t rank;
    char name[6];
    double weight;
} Person;

static int by_id(const void *a, const void *b) {
    uint32_t x = ((const Person *)a)->id, y = ((const Person *)b)->id;
    return (x > y) - (x < y);
}
static int by_rank(const void *a, const void *b) {
    int d = ((const Person *)a)->rank - ((const Person *)b)->rank;
    return d ? d : by_id(a, b);
}
static int by_name(const void *a, const void *b) {
    int d = str_cmp(((const Person *)a)->name, ((const Person *)b)->name);
    return d ? d : by_id(a, b);
}
static int by_weight(const void *a, const void *b) {
    double x = ((const Person *)a)->weight, y = ((const Person *)b)->weight;
    return x < y ? -1 : x > y;
}
static int down(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x < y) - (x > y);
}

static int32_t cube(int32_t x) { return (int32_t)((uint32_t)x * (uint32_t)x * (uint32_t)x); }
static int32_t negate(int32_t x) { return ~x; }
static int32_t add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }
static NOINLINE int32_t fold(const int32_t *v, uint32_t n, int32_t (*map)(int32_t), int32_t (*join)(int32_t, int32_t)) {
    int32_t acc = map(v[0]);
    for (uint32_t i = 1; i < n; i++) acc = join(acc, map(v[i]));
    return acc;
}

static uint64_t guest(int32_t scale) {
    enum { N = 400 };
    static Person people[N];
    static int32_t numbers[N];
    static const Compare orders[] = {by_rank, by_name, by_weight, by_id};
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        for (uint32_t i = 0; i < N; i++) {
            uint32_t r = random_u32();
            people[i] = (Person){r % 100000, (int16_t)(r >> 20) % 50, "", random_double()};
            for (int k = 0; k < 4; k++) people[i].name[k] = (char)('a' + (r >> (4 * k) & 7));
            numbers[i] = (int32_t)random_u32();
        }
        uint32_t key = people[N / 2].id;
        for (uint32_t o = 0; o < COUNT(orders); o++) {
            sort(people, N, sizeof(Person), orders[o]);
            for (uint32_t i = 1; i < N; i++) CHECK(orders[o](&people[i - 1], &people[i]) <= 0);
            if (pass == 0) print("%s %d %u\n", people[0].name, people[0].rank, people[N - 1].id);
            sum = mix(sum, people[N / 3].id);
        }
        Person wanted = {.id = key}, *found = search(&wanted, people, N, sizeof(Person), by_id);
        CHECK(found && found->id == key);
        sort(numbers, N, sizeof(int32_t), down);
        sum = mix(sum, (uint32_t)fold(numbers, N, pass & 1 ? cube : negate, pass & 2 ? add : larger));
    }
    return sum;
}
