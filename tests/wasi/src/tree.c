/* A tree of directories: made, walked, copied, moved and removed, by functions that call themselves. */
#include "say.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void grow(const char *path, int depth, unsigned seed) {
    if (mkdir(path, 0777)) printf("mkdir %s: %s\n", path, error_name(errno));
    char name[512], text[64];
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s/file%u", path, i);
        snprintf(text, sizeof text, "%u at depth %d", seed * 2654435761u + i, depth);
        spill(name, text);
        snprintf(name, sizeof name, "%s/sub%u", path, i);
        if (depth > 0 && (seed + i) % 3) grow(name, depth - 1, seed * 3 + i);
    }
    snprintf(name, sizeof name, "%s/link", path);
    symlink("file1", name);
}

static void walk(const char *path, int depth, int *files, int *dirs, unsigned *sum) {
    struct dirent **all;
    int n = scandir(path, &all, NULL, by_name);
    if (n < 0) printf("scandir %s: %s\n", path, error_name(errno));
    for (int i = 0; i < n; i++) {
        char name[512];
        snprintf(name, sizeof name, "%s/%s", path, all[i]->d_name);
        struct stat s;
        if (!strcmp(all[i]->d_name, ".") || !strcmp(all[i]->d_name, "..")) continue;
        if (lstat(name, &s)) printf("lstat %s: %s\n", name, error_name(errno));
        for (const char *c = all[i]->d_name; *c; c++) *sum = *sum * 31 + *c;
        if (S_ISDIR(s.st_mode)) {
            ++*dirs;
            walk(name, depth + 1, files, dirs, sum);
        } else {
            ++*files;
            *sum = *sum * 31 + (unsigned)s.st_size;
        }
        free(all[i]);
    }
    if (n >= 0) free(all);
}

static void copy(const char *from, const char *to) {
    mkdir(to, 0777);
    DIR *dir = opendir(from);
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.') continue;
        char a[512], b[512], buffer[100];
        snprintf(a, sizeof a, "%s/%s", from, e->d_name);
        snprintf(b, sizeof b, "%s/%s", to, e->d_name);
        if (e->d_type == DT_DIR) copy(a, b);
        else if (e->d_type == DT_LNK) {
            ssize_t n = readlink(a, buffer, sizeof buffer - 1);
            buffer[n] = 0;
            symlink(buffer, b);
        } else {
            int in = open(a, O_RDONLY), out = open(b, O_WRONLY | O_CREAT | O_EXCL, 0666);
            for (ssize_t n; (n = read(in, buffer, sizeof buffer)) > 0;) write(out, buffer, n);
            close(in);
            close(out);
        }
    }
    closedir(dir);
}

static int destroy(const char *path) {
    DIR *dir = opendir(path);
    int removed = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        char name[512];
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (e->d_type == DT_DIR) removed += destroy(name);
        else if (unlink(name)) printf("unlink %s: %s\n", name, error_name(errno));
        else removed++;
    }
    closedir(dir);
    if (rmdir(path)) printf("rmdir %s: %s\n", path, error_name(errno));
    return removed + 1;
}

static void count(const char *path) {
    int files = 0, dirs = 0;
    unsigned sum = 0;
    walk(path, 0, &files, &dirs, &sum);
    printf("%s: %d files, %d directories, %08x\n", path, files, dirs, sum);
}

int main(void) {
    grow("tree", 4, 1);
    count("tree");
    copy("tree", "copy");
    count("copy");
    TRY(rename("tree/sub1", "copy/sub1/moved"));
    count("tree");
    count("copy");
    show("copy/sub1/moved/link");
    printf("removed %d\n", destroy("copy"));
    count("tree");
    TRY(chdir("copy"));
    TRY(chdir("tree/sub0"));
    show("file0");
    show("../file2");
    spill("../../sub0_made_this", "text");
    return 0;
}
