/* Symbolic and hard links. */
#include "say.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_link(const char *path, size_t room) {
    char text[200];
    memset(text, '#', sizeof text);
    errno = 0;
    ssize_t n = readlink(path, text, room);
    if (n < 0) printf("%s: %s\n", path, error_name(errno));
    else printf("%s: %d [%.*s] then %c\n", path, (int)n, (int)n, text, text[n]);
}

int main(void) {
    spill("f", "text");
    mkdir("d", 0777);
    mkdir("d/e", 0777);
    spill("d/e/g", "deep");
    TRY(symlink("f", "l"));
    TRY(symlink("f", "l"));
    TRY(symlink("d/e", "de"));
    TRY(symlink("../f", "d/up"));
    TRY(symlink("../../f", "d/e/up"));
    TRY(symlink("e/../../l", "d/around"));
    TRY(symlink("nothing", "dangling"));
    TRY(symlink("a", "b"));
    TRY(symlink("b", "a"));
    TRY(symlink("x", "none/y"));
    TRY(symlink("", "empty"));
    TRY(symlink("f/", "slash"));
    TRY(symlink("d/", "dslash"));
    read_link("l", 100);
    read_link("l", 1);
    read_link("d/around", 4);
    read_link("d/around", 9);
    read_link("f", 100);
    read_link("d", 100);
    read_link("none", 100);
    read_link("dangling", 100);
    show("l");
    show("de/g");
    show("d/up");
    show("de/up");
    show("d/around");
    show("dangling");
    show("a");
    show("slash");
    show("dslash/e/g");
    show("dslash/../f");
    TRY(open("l", O_RDONLY | O_NOFOLLOW));
    TRY(open("de", O_RDONLY | O_NOFOLLOW));
    TRY(open("de/g", O_RDONLY | O_NOFOLLOW) >= 0 ? 0 : -1);
    TRY(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0666));
    TRY(open("dangling", O_WRONLY | O_CREAT, 0666) >= 0 ? 0 : -1);
    struct stat s;
    TRY(lstat("nothing", &s));
    TRY(open("a", O_WRONLY | O_CREAT, 0666));

    /* A chain that is long, and one that is too long. */
    char from[32], to[32];
    spill("chain0", "end of the chain");
    for (int i = 1; i < 60; i++) {
        sprintf(from, "chain%d", i - 1);
        sprintf(to, "chain%d", i);
        symlink(from, to);
    }
    show("chain30");
    show("chain59");

    TRY(link("f", "hard"));
    TRY(link("f", "hard"));
    TRY(link("none", "hard2"));
    TRY(link("d", "hard3"));
    TRY(link("f", "none/hard"));
    TRY(link("f", "d/hard"));
    TRY(linkat(AT_FDCWD, "l", AT_FDCWD, "hard_l", 0));
    read_link("hard_l", 100);
    stat("f", &s);
    printf("%d links\n", (int)s.st_nlink);
    FILE *f = fopen("d/hard", "a");
    fputs(" and more", f);
    fclose(f);
    show("f");
    TRY(unlink("f"));
    show("hard");
    show("l");
    TRY(unlink("l"));
    TRY(unlink("de"));
    TRY(rmdir("dslash"));
    TRY(unlink("dslash/"));
    TRY(unlink("none"));
    return 0;
}
