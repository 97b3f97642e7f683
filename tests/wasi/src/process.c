/* What a program asks of its process: arguments, environment, clocks, sleeping, polling, random bytes, and its exit status
 * with what runs before it. Prints only what is the same everywhere. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(clockid_t id) {
    struct timespec t;
    if (clock_gettime(id, &t) != 0) return -1;
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void last_words(void) { puts("last words"); }

int main(int argc, char **argv) {
    printf("%d argument, %s, end %d\n", argc, strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0], argv[argc] == NULL);
    printf("absent variable %d\n", getenv("LIBWASM_ABSENT") == NULL);
    setenv("MINE", "yes", 1);
    printf("own variable %s\n", getenv("MINE"));

    struct timespec resolution;
    printf("resolution %d\n", clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_sec == 0);
    printf("after 2020 %d\n", nanoseconds(CLOCK_REALTIME) > 1577836800LL * 1000000000LL && time(NULL) > 1577836800);
    long long before = nanoseconds(CLOCK_MONOTONIC);
    struct timespec pause = {0, 20000000};
    printf("slept %d\n", nanosleep(&pause, NULL));
    printf("long enough %d\n", nanoseconds(CLOCK_MONOTONIC) - before >= 20000000);
    printf("no sleep %d\n", usleep(0));

    struct pollfd fds[2] = {{.fd = 1, .events = POLLOUT}, {.fd = 1000, .events = POLLIN}};
    int ready = poll(fds, 1, 1000);
    printf("writable %d %d\n", ready, (fds[0].revents & POLLOUT) != 0);
    ready = poll(fds + 1, 1, 0);
    printf("not open %d %d\n", ready, (fds[1].revents & POLLNVAL) != 0);
    before = nanoseconds(CLOCK_MONOTONIC);
    printf("nothing %d", poll(NULL, 0, 10));
    printf(" in time %d\n", nanoseconds(CLOCK_MONOTONIC) - before >= 10000000);

    unsigned char a[64] = {0}, b[64] = {0};
    printf("random %d %d", getentropy(a, 64), getentropy(b, 64));
    printf(" differs %d\n", memcmp(a, b, 64) != 0);
    printf("end of input %d\n", (int)read(0, a, 0));
    int written = (int)write(1000, "x", 1);
    printf("write to nothing %d %d\n", written, errno == EBADF);
    fprintf(stderr, "not compared\n");
    atexit(last_words);
    return 42;
}
