/* Positions and sizes; opening with every flag. */
#include "say.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0666);
    TRY(write(fd, "0123456789", 10));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(lseek(fd, 3, SEEK_SET));
    TRY(write(fd, "abc", 3));
    TRY(lseek(fd, -2, SEEK_END));
    TRY(lseek(fd, -1, SEEK_SET));
    TRY(lseek(fd, -100, SEEK_CUR));
    TRY(lseek(fd, -100, SEEK_END));
    TRY(lseek(fd, 0, 77));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(lseek(fd, 5, SEEK_END));
    TRY(write(fd, "!", 1));
    show("f");
    TRY(ftruncate(fd, 4));
    show("f");
    TRY(ftruncate(fd, 8));
    show("f");
    TRY(ftruncate(fd, -1));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(write(fd, "x", 1));
    show("f");
    TRY(truncate("f", 2));
    show("f");
    TRY(truncate("none", 2));
    TRY(posix_fallocate(fd, 4, 4));
    show("f");
    TRY(posix_fallocate(fd, 0, 2));
    TRY(lseek(fd, 0, SEEK_END));
    TRY(fsync(fd));
    TRY(fdatasync(fd));

    char text[64] = "";
    TRY(pread(fd, text, 3, 1));
    TRY(pwrite(fd, "PQ", 2, 6));
    TRY(pread(fd, text, 10, 100));
    TRY(pread(fd, text, 10, -1));
    TRY(lseek(fd, 0, SEEK_CUR));
    show("f");
    struct iovec out[] = {{"one", 3}, {"", 0}, {"two", 3}, {"three", 5}};
    lseek(fd, 0, SEEK_SET);
    TRY(writev(fd, out, 4));
    char a[4], b[5];
    struct iovec in[] = {{a, 4}, {b, 0}, {b, 5}, {a, 3}};
    lseek(fd, 0, SEEK_SET);
    TRY(readv(fd, in, 4));
    printf("[%.4s] [%.5s]\n", a, b);
    TRY(writev(fd, out, 0));
    TRY(close(fd));
    TRY(close(fd));
    TRY(write(fd, "x", 1));
    TRY(lseek(fd, 0, SEEK_SET));

    /* Far away. */
    fd = open("sparse", O_RDWR | O_CREAT, 0666);
    TRY(lseek(fd, 5000000000LL, SEEK_SET));
    TRY(write(fd, "end", 3));
    struct stat s;
    fstat(fd, &s);
    printf("size %lld\n", (long long)s.st_size);
    TRY(pread(fd, text, 4, 4999999999LL));
    printf("%d%c\n", text[0], text[1]);
    TRY(ftruncate(fd, 6000000000LL));
    TRY(lseek(fd, 0, SEEK_END));
    close(fd);
    unlink("sparse");

    static const struct { int flags; const char *text; } flags[] = {
        {O_RDONLY, "read"}, {O_WRONLY, "write"}, {O_RDWR, "both"}, {O_WRONLY | O_APPEND, "append"},
        {O_RDWR | O_APPEND, "both append"}, {O_WRONLY | O_TRUNC, "write trunc"}, {O_RDWR | O_TRUNC, "both trunc"},
        {O_RDWR | O_CREAT, "creat"}, {O_RDWR | O_CREAT | O_EXCL, "creat excl"}, {O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, "all"},
        {O_RDONLY | O_DIRECTORY, "directory"}, {O_RDWR | O_SYNC, "sync"}, {O_RDWR | O_DSYNC, "dsync"}, {O_RDONLY | O_CREAT, "read creat"},
    };
    static const char *paths[] = {"g", "new", "d", "d/", "g/", "none/x"};
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++)
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
            spill("g", "GGGG");
            unlink("new");
            mkdir("d", 0777);
            errno = 0;
            fd = open(paths[p], flags[i].flags, 0666);
            printf("%s %s: %s", paths[p], flags[i].text, fd < 0 ? error_name(errno) : "ok");
            if (fd >= 0 && paths[p][0] != 'd') {
                ssize_t n = read(fd, text, 2);
                printf(" read %d %s", (int)n, n < 0 ? error_name(errno) : "");
                n = write(fd, "ww", 2);
                printf(" write %d %s at %d", (int)n, n < 0 ? error_name(errno) : "", (int)lseek(fd, 0, SEEK_CUR));
            }
            puts("");
            if (fd >= 0) close(fd);
            show(paths[p][0] == 'n' ? "new" : "g");
        }
    fd = open("g", O_RDWR);
    TRY(fcntl(fd, F_SETFL, O_APPEND));
    printf("appending: %d\n", !!(fcntl(fd, F_GETFL) & O_APPEND));
    TRY(write(fd, "end", 3));
    TRY(fcntl(fd, F_SETFL, 0));
    lseek(fd, 0, SEEK_SET);
    TRY(write(fd, "START", 5));
    show("g");
    return 0;
}
