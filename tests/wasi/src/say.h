/* What the programs here share: error numbers by name, since numbers and messages differ between systems, and a way to
   print what a call gave. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *error_name(int e) {
    static const struct { int number; const char *name; } names[] = {
        {0, "ok"}, {EACCES, "EACCES"}, {EBADF, "EBADF"}, {EEXIST, "EEXIST"}, {EINVAL, "EINVAL"}, {EISDIR, "EISDIR"},
        {ELOOP, "ELOOP"}, {ENAMETOOLONG, "ENAMETOOLONG"}, {ENOENT, "ENOENT"}, {ENOTDIR, "ENOTDIR"}, {ENOTEMPTY, "ENOTEMPTY"},
        {EPERM, "EPERM"}, {ESPIPE, "ESPIPE"}, {EFBIG, "EFBIG"}, {EBUSY, "EBUSY"}, {EROFS, "EROFS"}, {EMFILE, "EMFILE"},
        {EOVERFLOW, "EOVERFLOW"}, {ENOSYS, "ENOSYS"}, {ENOTSUP, "ENOTSUP"}, {EXDEV, "EXDEV"}, {EIO, "EIO"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == e) return names[i].name;
    return "another error";
}

/* Evaluates a call that gives -1 or NULL on failure, and prints its text with what became of it. */
#define TRY(call) (errno = 0, say(#call, (long long)(call)))
#define TRY_PTR(call) (errno = 0, (call) ? printf("%s: ok\n", #call) : printf("%s: %s\n", #call, error_name(errno)))

static long long say(const char *what, long long result) {
    if (result < 0) printf("%s: %s\n", what, error_name(errno));
    else printf("%s: %lld\n", what, result);
    return result;
}

static void spill(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) printf("cannot write %s: %s\n", path, error_name(errno));
}

static void show(const char *path) {
    FILE *f = fopen(path, "r");
    if (!f) {
        printf("%s: %s\n", path, error_name(errno));
        return;
    }
    printf("%s: [", path);
    for (int c; (c = getc(f)) != EOF;) {
        if (c >= 32 && c < 127) putchar(c);
        else printf("\\%02x", c);
    }
    printf("]%s\n", ferror(f) ? " error" : "");
    fclose(f);
}
