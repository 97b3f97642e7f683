/* Directories: making, listing in order and out of order, removing while listing. */
#include "say.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
    DIR *dir = opendir(path);
    if (!dir) {
        printf("%s: %s\n", path, error_name(errno));
        return;
    }
    char *names[4000];
    int n = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        const char *type = e->d_type == DT_DIR ? "d" : e->d_type == DT_REG ? "f" : e->d_type == DT_LNK ? "l" : "?";
        names[n] = malloc(strlen(e->d_name) + 4);
        sprintf(names[n++], "%s %s", e->d_name, type);
        struct stat s;
        if (strcmp(e->d_name, "..") && (fstatat(dirfd(dir), e->d_name, &s, AT_SYMLINK_NOFOLLOW) || s.st_ino != e->d_ino))
            printf("%s: another file\n", e->d_name);
    }
    qsort(names, n, sizeof *names, by_name);
    printf("%s: %d:", path, n);
    for (int i = 0; i < n; i++) {
        if (i < 12) printf(" [%s]", names[i]);
        free(names[i]);
    }
    puts("");
    closedir(dir);
}

int main(void) {
    TRY(mkdir("d", 0777));
    TRY(mkdir("d", 0777));
    TRY(mkdir("d/e", 0777));
    TRY(mkdir("none/e", 0777));
    spill("d/f", "text");
    TRY(symlink("f", "d/l"));
    TRY(mkdir("d/f/g", 0777));
    list("d");
    list("d/");
    list("d/e");
    list("d/f");
    list("none");
    list(".");
    TRY(rmdir("d"));
    TRY(rmdir("d/f"));
    TRY(unlink("d/e"));

    mkdir("many", 0777);
    char name[80];
    for (int i = 0; i < 1500; i++) {
        sprintf(name, "many/%d%.*s", i, i % 40, "________________________________________");
        spill(name, "");
    }
    list("many");

    /* Where a listing was, it can go on. */
    DIR *dir = opendir("many");
    int seen = 0;
    while (seen < 700 && readdir(dir)) seen++;
    long at = telldir(dir);
    struct dirent *e = readdir(dir);
    char next[300];
    strcpy(next, e->d_name);
    for (int i = 0; i < 300; i++) readdir(dir);
    seekdir(dir, at);
    e = readdir(dir);
    printf("the same again: %d\n", e && !strcmp(e->d_name, next));
    rewinddir(dir);
    for (seen = 0; readdir(dir); seen++) {}
    printf("from the start: %d\n", seen);

    /* Every entry is seen, though those before it are gone. */
    rewinddir(dir);
    int removed = 0;
    while ((e = readdir(dir))) {
        if (e->d_name[0] == '.') continue;
        if (unlinkat(dirfd(dir), e->d_name, 0) == 0) removed++;
    }
    closedir(dir);
    printf("removed %d\n", removed);
    list("many");
    TRY(rmdir("many"));
    list("many");

    int fd = open("d", O_RDONLY | O_DIRECTORY);
    dir = fdopendir(fd);
    for (seen = 0; readdir(dir); seen++) {}
    printf("by descriptor: %d\n", seen);
    TRY(closedir(dir));
    TRY(close(fd));
    struct dirent **all;
    printf("scandir: %d\n", scandir("d", &all, NULL, alphasort));
    printf("%s %s %s %s %s\n", all[0]->d_name, all[1]->d_name, all[2]->d_name, all[3]->d_name, all[4]->d_name);
    return 0;
}
