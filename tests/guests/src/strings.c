/* Byte loops: length, copy, compare, case, search (naive and Horspool), reverse, word counts, number parsing. */
#include "guest.h"

static const char *const words[] = {"engine", "frame", "slot", "register", "memory", "table", "Trap", "STORE", "module", "import", "a", "of", "the"};
static char text[6000], other[6000];

static NOINLINE uint32_t length(const char *s) {
    uint32_t n = 0;
    while (s[n]) n++;
    return n;
}
static NOINLINE void append_word(char **at, const char *word) {
    while (*word) *(*at)++ = *word++;
    *(*at)++ = ' ';
    **at = 0;
}
static NOINLINE uint32_t count_naive(const char *hay, const char *needle) {
    uint32_t count = 0;
    for (; *hay; hay++) {
        uint32_t i = 0;
        while (needle[i] && hay[i] == needle[i]) i++;
        count += !needle[i];
    }
    return count;
}
static NOINLINE uint32_t count_horspool(const char *hay, uint32_t n, const char *needle) {
    uint32_t m = length(needle), count = 0, skip[256];
    for (int i = 0; i < 256; i++) skip[i] = m;
    for (uint32_t i = 0; i + 1 < m; i++) skip[(uint8_t)needle[i]] = m - 1 - i;
    for (uint32_t at = 0; at + m <= n; at += skip[(uint8_t)hay[at + m - 1]]) count += memcmp(hay + at, needle, m) == 0;
    return count;
}
static inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static NOINLINE void upper(char *s) {
    for (; *s; s++)
        if (*s >= 'a' && *s <= 'z') *s = (char)(*s - 32);
}
static NOINLINE void reverse(char *s, uint32_t n) {
    for (uint32_t i = 0, j = n; i + 1 < j; i++) {
        char c = s[i];
        s[i] = s[--j], s[j] = c;
    }
}
static NOINLINE int64_t parse(const char *s, const char **end) {
    bool negative = *s == '-';
    s += negative;
    int64_t v = 0;
    while (*s >= '0' && *s <= '9') v = v * 10 + (*s++ - '0');
    *end = s;
    return negative ? -v : v;
}

static uint64_t guest(int32_t scale) {
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        char *at = text;
        while (at < text + 4000) append_word(&at, words[random_u32() % COUNT(words)]);
        uint32_t n = length(text), letters = 0, count = 0;
        CHECK(n == strlen(text) && n == (uint32_t)(at - text));
        for (uint32_t i = 0; i < n; i++) letters += is_letter(text[i]), count += text[i] == ' ';
        uint32_t a = count_naive(text, "the "), b = count_horspool(text, n, "register");
        CHECK(a == count_horspool(text, n, "the "));
        str_copy(other, text);
        CHECK(str_cmp(other, text) == 0);
        upper(other);
        int order = str_cmp(other, text);
        reverse(other, n);
        const char *end;
        int64_t number = parse("-1234567890123 ", &end);
        if (pass == 0) print("%u bytes, %u letters, %u words, %u the, %u register, order %d, %lld\n", n, letters, count, a, b, order, (long long)number);
        sum = mix_bytes(sum + a + b + (uint64_t)number + (uint8_t)*end, other, n);
        sum = mix(sum, letters);
    }
    return sum;
}
