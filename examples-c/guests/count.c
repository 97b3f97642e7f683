/* The guest of wasi.c: an ordinary C program that counts the words of files, or of its standard input. It knows nothing of
 * its host; guests/build.sh compiles it for WASI. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count(FILE *file, const char *name) {
    unsigned lines = 0, words = 0, bytes = 0;
    int c, inside = 0;
    while ((c = getc(file)) != EOF) {
        bytes++;
        lines += c == '\n';
        words += !inside && !isspace(c);
        inside = !isspace(c);
    }
    printf("%3u lines %3u words %3u bytes: %s\n", lines, words, bytes, name);
    return ferror(file);
}

int main(int argc, char **argv) {
    const char *user = getenv("USER_NAME");
    if (user) printf("counted for %s\n", user);
    int failures = 0;
    if (argc < 2) failures += count(stdin, "standard input");
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (!file) {
            perror(argv[i]);
            failures++;
            continue;
        }
        failures += count(file, argv[i]);
        fclose(file);
    }
    return failures;
}
