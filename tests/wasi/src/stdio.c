/* Buffered files in every mode. */
#include "say.h"
#include <stdlib.h>

static void mode(const char *mode) {
    printf("-- %s\n", mode);
    spill("f", "0123456789");
    FILE *f = fopen("f", mode);
    if (!f) {
        printf("%s\n", error_name(errno));
        return;
    }
    char text[16] = "";
    errno = 0;
    size_t n = fread(text, 1, 4, f);
    printf("read %zu [%.*s] %s\n", n, (int)n, text, ferror(f) ? "error" : "");
    clearerr(f);
    fseek(f, 0, SEEK_CUR);
    errno = 0;
    n = fwrite("abc", 1, 3, f);
    int flushed = fflush(f);
    printf("wrote %zu %d %s\n", n, flushed, ferror(f) ? "error" : "");
    clearerr(f);
    printf("at %ld\n", ftell(f));
    TRY(fseek(f, -2, SEEK_END));
    printf("at %ld\n", ftell(f));
    TRY(fseek(f, -100, SEEK_CUR));
    rewind(f);
    TRY(fclose(f));
    show("f");
}

int main(void) {
    static const char *modes[] = {"r", "w", "a", "r+", "w+", "a+", "rb", "wb+", "wx"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) mode(modes[i]);
    remove("f");
    TRY_PTR(fopen("f", "r"));
    TRY_PTR(fopen("f", "r+"));
    TRY_PTR(fopen("none/f", "w"));

    puts("-- lines");
    FILE *f = fopen("lines", "w+");
    for (int i = 0; i < 2000; i++) fprintf(f, "line %d %x %s\n", i, i * 7919, i % 3 ? "" : "third");
    rewind(f);
    char line[64];
    int count = 0;
    unsigned long sum = 0;
    while (fgets(line, sizeof line, f)) {
        count++;
        for (char *c = line; *c; c++) sum = sum * 31 + (unsigned char)*c;
    }
    printf("%d lines, sum %08lx, end %d\n", count, sum & 0xffffffff, !!feof(f));
    fseek(f, 5, SEEK_SET);
    int number = -1;
    printf("%d", fscanf(f, "%d", &number));
    printf(" %d\n", number);
    int c = getc(f);
    ungetc('!', f);
    printf("%c instead of %d\n", getc(f), c);
    fpos_t at;
    fgetpos(f, &at);
    fseek(f, 1000, SEEK_SET);
    fsetpos(f, &at);
    printf("%ld\n", ftell(f));
    fclose(f);

    puts("-- buffers");
    static const size_t sizes[] = {1, 2, 7, 64, 1000, 4096, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        f = fopen("buffered", "w");
        char *buffer = malloc(sizes[i]);
        setvbuf(f, buffer, i % 2 ? _IOFBF : _IOLBF, sizes[i]);
        for (int k = 0; k < 5000; k++) putc('a' + k % 26 - (k % 50 ? 0 : 'a' - '\n'), f);
        fclose(f);
        free(buffer);
        f = fopen("buffered", "r");
        if (i % 3 == 0) setvbuf(f, NULL, _IONBF, 0);
        sum = count = 0;
        for (int c; (c = getc(f)) != EOF; count++) sum = sum * 31 + c;
        printf("%zu: %d %08lx\n", sizes[i], count, sum & 0xffffffff);
        fclose(f);
    }
    TRY(rename("buffered", "renamed"));
    TRY(remove("renamed"));
    TRY(remove("renamed"));

    puts("-- reopened");
    f = fopen("one", "w");
    fputs("to one", f);
    f = freopen("two", "w", f);
    fputs("to two", f);
    fclose(f);
    show("one");
    show("two");
    fprintf(stderr, "on the other stream\n");
    return 7;
}
