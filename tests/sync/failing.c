/* Preloaded: the write or fsync number FAIL_AT to a file below FAIL_BELOW fails with FAIL_WITH, and all later ones. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int seen = 0;

static int fails(int fd, const char *kind) {
    const char *below = getenv("FAIL_BELOW"), *at = getenv("FAIL_AT"), *which = getenv("FAIL_KIND");
    char link[64], path[PATH_MAX + 1];
    if (!below || !at || !which || strcmp(which, kind)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX);
    if (length < 0) return 0;
    path[length] = 0;
    if (strncmp(path, below, strlen(below)) || !strstr(path, ".sqlite") || strstr(path, ".lock")) return 0;
    if (__sync_add_and_fetch(&seen, 1) < atoi(at)) return 0;
    errno = atoi(getenv("FAIL_WITH"));
    return 1;
}

#define REAL(name, type) static type real; if (!real) real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*write_t)(int, const void *, size_t);
typedef ssize_t (*pwrite_t)(int, const void *, size_t, off_t);
typedef int (*sync_t)(int);

ssize_t write(int fd, const void *data, size_t size) {
    REAL("write", write_t);
    return fails(fd, "write") ? -1 : real(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL("pwrite", pwrite_t);
    return fails(fd, "write") ? -1 : real(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
    REAL("pwrite64", pwrite_t);
    return fails(fd, "write") ? -1 : real(fd, data, size, at);
}

int fsync(int fd) {
    REAL("fsync", sync_t);
    return fails(fd, "sync") ? -1 : real(fd);
}

int fdatasync(int fd) {
    REAL("fdatasync", sync_t);
    return fails(fd, "sync") ? -1 : real(fd);
}
