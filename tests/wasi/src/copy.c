/* Copies files of many sizes with buffers of many sizes, and compares. */
#include "say.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned sum_of(const char *path) {
    int fd = open(path, O_RDONLY);
    static unsigned char buffer[10007];
    unsigned sum = 1;
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;)
        for (ssize_t i = 0; i < n; i++) sum = sum * 16777619u ^ buffer[i];
    close(fd);
    return sum;
}

int main(void) {
    static const size_t sizes[] = {0, 1, 511, 4096, 65535, 65537, 1048576, 1200001};
    static const size_t rooms[] = {7, 512, 4096, 65536, 1048576, 2097153};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int fd = open("source", O_WRONLY | O_CREAT | O_TRUNC, 0644);
        unsigned char *all = malloc(sizes[i] + 1);
        unsigned x = (unsigned)sizes[i];
        for (size_t k = 0; k < sizes[i]; k++) all[k] = (x = x * 1103515245u + 12345) >> 16;
        printf("%zu: wrote %zd\n", sizes[i], write(fd, all, sizes[i]));
        close(fd);
        free(all);
        for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
            if (rooms[r] == 7 && sizes[i] > 100000) continue;
            int in = open("source", O_RDONLY), out = open("target", O_WRONLY | O_CREAT | O_TRUNC, 0644);
            char *buffer = malloc(rooms[r]);
            long calls = 0;
            for (ssize_t n; (n = read(in, buffer, rooms[r])) > 0; calls++)
                if (write(out, buffer, n) != n) printf("short\n");
            close(in);
            close(out);
            free(buffer);
            struct stat s;
            stat("target", &s);
            printf("  %zu: %ld calls, %lld bytes, %08x\n", rooms[r], calls, (long long)s.st_size, sum_of("target"));
        }
    }
    return 0;
}
