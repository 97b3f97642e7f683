/* Renaming everything to everything. */
#include "say.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kinds[] = {"file", "other", "dir", "full", "link", "dirlink", "dangling", "none"};

static void make(void) {
    mkdir("t", 0777);
    spill("t/file", "file");
    spill("t/other", "other");
    mkdir("t/dir", 0777);
    mkdir("t/full", 0777);
    spill("t/full/in", "in");
    symlink("file", "t/link");
    symlink("dir", "t/dirlink");
    symlink("none", "t/dangling");
}

static void clear(void) {
    unlink("t/full/in");
    unlink("t/full/moved");
    rmdir("t/full/moved");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[64];
        sprintf(path, "t/%s", kinds[i]);
        char in[80];
        sprintf(in, "%s/in", path);
        unlink(in);
        if (unlink(path)) rmdir(path);
    }
    rmdir("t");
}

int main(void) {
    char from[64], to[64];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            for (int slash = 0; slash < 4; slash++) {
                make();
                sprintf(from, "t/%s%s", kinds[i], slash & 1 ? "/" : "");
                sprintf(to, "t/%s%s", kinds[k], slash & 2 ? "/" : "");
                errno = 0;
                int r = rename(from, to);
                struct stat s;
                printf("%s -> %s: %s", from, to, r ? error_name(errno) : "ok");
                from[strcspn(from + 2, "/") + 2] = to[strcspn(to + 2, "/") + 2] = 0;
                printf(" %d", lstat(from, &s) == 0);
                printf(" %d\n", lstat(to, &s) == 0 ? S_ISREG(s.st_mode) ? 1 : S_ISDIR(s.st_mode) ? 2 : 3 : 0);
                clear();
            }
    make();
    TRY(rename("t/full", "t/full/moved"));
    TRY(rename("t/file", "t/full/moved"));
    TRY(rename("t/dir", "t"));
    TRY(rename("t", "t/dir/t"));
    TRY(rename("t/file", "none/x"));
    TRY(rename("t/file/x", "t/y"));
    int dir = open("t/full", O_RDONLY | O_DIRECTORY);
    TRY(renameat(dir, "moved", AT_FDCWD, "t/file"));
    TRY(renameat(AT_FDCWD, "t/other", dir, "in"));
    show("t/full/in");
    show("t/file");
    /* An open file keeps its contents under any name. */
    int fd = open("t/file", O_RDWR);
    TRY(rename("t/file", "t/renamed"));
    write(fd, "FI", 2);
    close(fd);
    show("t/renamed");
    return 0;
}
