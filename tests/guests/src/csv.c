/* A state machine over bytes: CSV with quotes, columns summed by group, and a formatted report. */
#include "guest.h"

#define ROWS 150
static char input[ROWS * 64];
static const char *const cities[] = {"Oslo", "\"New York, NY\"", "Lima", "\"The \"\"Big\"\" One\"", "Kyoto"};

typedef struct {
    char name[32];
    uint32_t rows;
    int64_t cents;
    int32_t least, most;
} Group;
static Group groups[8];
static uint32_t group_count;

static char *put_number(char *o, uint32_t v) {
    char digits[12];
    int n = 0;
    do digits[n++] = (char)('0' + v % 10), v /= 10;
    while (v);
    while (n) *o++ = digits[--n];
    return o;
}
static Group *group_of(const char *name) {
    for (uint32_t i = 0; i < group_count; i++)
        if (str_cmp(groups[i].name, name) == 0) return &groups[i];
    CHECK(group_count < COUNT(groups));
    Group *g = &groups[group_count++];
    *g = (Group){.least = 1 << 30};
    str_copy(g->name, name);
    return g;
}
static int64_t to_cents(const char *s) {
    int64_t v = 0;
    int decimals = -1;
    for (; *s; s++) {
        if (*s == '.') decimals = 0;
        else v = v * 10 + (*s - '0'), decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++) v *= 10;
    return v;
}
static void row_done(char fields[4][32], uint32_t count, bool header) {
    if (header || count < 4) return;
    Group *g = group_of(fields[1]);
    int32_t quantity = (int32_t)to_cents(fields[2]) / 100;
    g->rows++;
    g->cents += quantity * to_cents(fields[3]);
    g->least = quantity < g->least ? quantity : g->least;
    g->most = quantity > g->most ? quantity : g->most;
}
static NOINLINE uint32_t read_rows(const char *p) {
    static char fields[4][32];
    enum { START, PLAIN, QUOTED, QUOTE } state = START;
    uint32_t field = 0, n = 0, rows = 0;
    for (;; p++) {
        char c = *p;
        bool ends = false;
        switch (state) {
        case START:
            n = 0;
            if (c == '"') {
                state = QUOTED;
                break;
            }
            state = PLAIN;
            /* fall through */
        case PLAIN:
            if (c == ',' || c == '\n' || c == 0) ends = true;
            else if (n < 31) fields[field][n++] = c;
            break;
        case QUOTED:
            if (c == '"') state = QUOTE;
            else if (n < 31) fields[field][n++] = c;
            break;
        case QUOTE:
            if (c == '"') {
                if (n < 31) fields[field][n++] = c;
                state = QUOTED;
            } else {
                ends = true;
            }
            break;
        }
        if (ends) {
            fields[field][n] = 0;
            state = START;
            if (c == ',') {
                field = field < 3 ? field + 1 : 3;
            } else {
                row_done(fields, field + 1, rows == 0);
                rows++, field = 0;
            }
        }
        if (c == 0) return rows - 1;
    }
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        char *o = input;
        for (const char *h = "id,city,quantity,price\n"; *h;) *o++ = *h++;
        for (uint32_t i = 0; i < ROWS; i++) {
            o = put_number(o, i), *o++ = ',';
            for (const char *c = cities[random_u32() % COUNT(cities)]; *c;) *o++ = *c++;
            *o++ = ',', o = put_number(o, random_u32() % 90 + 1), *o++ = ',';
            o = put_number(o, random_u32() % 500);
            if (i % 3) *o++ = '.', *o++ = (char)('0' + i % 10);
            if (i % 3 == 2) *o++ = '5';
            *o++ = '\n';
        }
        *o = 0;
        group_count = 0;
        uint32_t rows = read_rows(input);
        for (uint32_t i = 0; i < group_count; i++) {
            Group *g = &groups[i];
            if (pass == 0) print("%16s %4u rows %2d..%2d total %lld.%02lld\n", g->name, g->rows, g->least, g->most, (long long)(g->cents / 100), (long long)(g->cents % 100));
            sum = mix(sum, (uint64_t)g->cents + g->rows);
        }
        sum = mix(sum, rows);
    }
    return sum;
}
