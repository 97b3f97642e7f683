/* Times of files, set in every way. */
#include "say.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void print(const char *path, int flags) {
    struct stat s;
    if (fstatat(AT_FDCWD, path, &s, flags)) {
        printf("%s: %s\n", path, error_name(errno));
        return;
    }
    time_t now = time(NULL);
    long long a = s.st_atim.tv_sec, m = s.st_mtim.tv_sec;
    if (now - a < 100 && a <= now + 1) printf("%s: read now,", path);
    else printf("%s: read %lld.%09ld,", path, a, (long)s.st_atim.tv_nsec);
    if (now - m < 100 && m <= now + 1) printf(" written now\n");
    else printf(" written %lld.%09ld\n", m, (long)s.st_mtim.tv_nsec);
}

int main(void) {
    spill("f", "text");
    mkdir("d", 0777);
    symlink("f", "l");
    symlink("none", "dangling");
    print("f", 0);
    struct timespec old[2] = {{1000000000, 123456789}, {1111111111, 987654321}};
    TRY(utimensat(AT_FDCWD, "f", old, 0));
    print("f", 0);
    struct timespec omit[2] = {{0, UTIME_OMIT}, {1222222222, 1}};
    TRY(utimensat(AT_FDCWD, "f", omit, 0));
    print("f", 0);
    struct timespec mixed[2] = {{1333333333, 0}, {0, UTIME_OMIT}};
    int fd = open("f", O_RDWR);
    TRY(futimens(fd, mixed));
    print("f", 0);
    struct timespec now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
    TRY(futimens(fd, now));
    print("f", 0);
    struct timespec none[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    TRY(futimens(fd, old));
    TRY(futimens(fd, none));
    print("f", 0);
    TRY(write(fd, "new", 3));
    print("f", 0);
    close(fd);
    TRY(utimensat(AT_FDCWD, "d", old, 0));
    print("d", 0);
    TRY(utimensat(AT_FDCWD, "l", old, AT_SYMLINK_NOFOLLOW));
    print("l", AT_SYMLINK_NOFOLLOW);
    print("l", 0);
    TRY(utimensat(AT_FDCWD, "l", omit, 0));
    print("l", AT_SYMLINK_NOFOLLOW);
    print("f", 0);
    TRY(utimensat(AT_FDCWD, "dangling", old, 0));
    TRY(utimensat(AT_FDCWD, "dangling", old, AT_SYMLINK_NOFOLLOW));
    print("dangling", AT_SYMLINK_NOFOLLOW);
    TRY(utimensat(AT_FDCWD, "none", old, 0));
    TRY(utimensat(AT_FDCWD, "f", NULL, 0));
    print("f", 0);
    struct timespec epoch[2] = {{0, 0}, {4000000000LL, 5}};
    TRY(utimensat(AT_FDCWD, "f", epoch, 0));
    print("f", 0);
    /* A directory's time goes on when it changes. */
    TRY(utimensat(AT_FDCWD, "d", old, 0));
    spill("d/new", "");
    struct stat s;
    stat("d", &s);
    printf("changed: %d\n", s.st_mtim.tv_sec > 1500000000);
    return 0;
}
