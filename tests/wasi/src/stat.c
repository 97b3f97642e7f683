/* What stat says, by path and by descriptor, of files, directories and links. */
#include "say.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void print(const char *what, const struct stat *s) {
    printf("%s: %s links %d size %lld blocks %s\n", what,
           S_ISREG(s->st_mode)   ? "file"
           : S_ISDIR(s->st_mode) ? "directory"
           : S_ISLNK(s->st_mode) ? "link"
                                 : "else",
           S_ISDIR(s->st_mode) ? 0 : (int)s->st_nlink, S_ISDIR(s->st_mode) ? 0LL : (long long)s->st_size,
           s->st_mtim.tv_sec > 1600000000 ? "recent" : "old");
}

static void both(const char *path) {
    struct stat s;
    if (stat(path, &s)) printf("stat %s: %s\n", path, error_name(errno));
    else print(path, &s);
    if (lstat(path, &s)) printf("lstat %s: %s\n", path, error_name(errno));
    else print(path, &s);
}

int main(void) {
    spill("f", "twelve bytes");
    mkdir("d", 0777);
    spill("d/g", "");
    symlink("f", "to_f");
    symlink("d", "to_d");
    symlink("nothing", "to_nothing");
    symlink("loop", "loop");
    link("f", "d/same");
    static const char *paths[] = {"f", "d", "d/g", "to_f", "to_d", "to_d/g", "to_nothing", "loop", "d/same", ".", "./", "d/..",
                                  "d/.", "to_d/", "f/", "f/.", "d/g/x", "none", "to_f/", "to_nothing/", "loop/x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) both(paths[i]);

    struct stat a, b;
    stat("f", &a);
    stat("d/same", &b);
    printf("the same file: %d %d\n", a.st_ino == b.st_ino, a.st_dev == b.st_dev);
    int fd = open("f", O_RDWR);
    fstat(fd, &b);
    printf("by descriptor: %d %d\n", a.st_ino == b.st_ino, a.st_size == b.st_size);
    write(fd, "longer than twelve", 18);
    fstat(fd, &b);
    print("written", &b);
    ftruncate(fd, 3);
    stat("d/same", &b);
    print("cut", &b);
    unlink("f");
    fstat(fd, &b);
    print("unlinked", &b);
    unlink("d/same");
    fstat(fd, &b);
    print("gone", &b);
    close(fd);
    TRY(fstat(fd, &b));
    fd = open("d", O_RDONLY);
    fstat(fd, &b);
    print("directory", &b);
    TRY(fstatat(fd, "g", &b, 0));
    TRY(fstatat(fd, "none", &b, 0));
    close(fd);
    TRY(access("d/g", F_OK));
    TRY(access("d/g", R_OK | W_OK));
    TRY(access("none", F_OK));
    TRY(access("to_nothing", F_OK));
    TRY(faccessat(AT_FDCWD, "d", R_OK, 0));
    return 0;
}
