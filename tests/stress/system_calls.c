/* Loaded before the C library (LD_PRELOAD), it asks a hook before each call that touches files below one folder, or the
   folder that holds that one itself.

   The hook returns 0 to let the call happen, or the number of the error with which it is to fail. It may as well end the
   process. Calls that it makes itself happen unasked. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int hook_type(const char *call, int fd, const char *path, const char *to, const void *data, long size, long offset);
static hook_type *hook;
static char root[4096], above[4096]; /* the folder, and the one that holds it */
static char below[65536]; /* whether a descriptor is of a file below the folder */
static __thread int inside;

void watch_calls(hook_type *asked, const char *folder) {
    strncpy(root, folder, sizeof root - 1);
    strncpy(above, folder, sizeof above - 1);
    if (strrchr(above, '/')) *strrchr(above, '/') = 0;
    memset(below, 0, sizeof below);
    hook = asked;
}

static int refused(const char *call, int fd, const char *path, const char *to, const void *data, long size, long offset) {
    if (!hook || inside) return 0;
    inside = 1;
    int error = hook(call, fd, path, to, data, size, offset);
    inside = 0;
    errno = error;
    return error;
}
static int watched(int fd) { return hook && fd >= 0 && fd < (int)sizeof below && below[fd]; }
static int touches(const char *path) { return hook && path && (!strncmp(path, root, strlen(root)) || !strcmp(path, above)); }

/* The whole path of what is named relative to an open folder. */
static const char *whole(int folder, const char *path, char *buffer, size_t size) {
    if (!path || *path == '/' || !watched(folder)) return path;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, buffer, size - 1);
    if (length > 0) snprintf(buffer + length, size - length, "/%s", path);
    return length > 0 ? buffer : path;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)
#define ON_FILE(type, name, data, size, offset, parameters, arguments) \
    type name parameters { REAL(name); \
        return watched(fd) && refused(#name, fd, 0, 0, data, size, offset) ? (type)-1 : real arguments; }
#define ON_PATH(name, to, parameters, arguments) \
    int name parameters { REAL(name); return touches(path) && refused(#name, -1, path, to, 0, 0, 0) ? -1 : real arguments; }
#define OPENS(name, folder, parameters, arguments) \
    int name parameters { REAL(name); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        char buffer[8192]; const char *full = whole(folder, path, buffer, sizeof buffer); int ours = touches(full); \
        if (ours && refused("open", -1, full, 0, 0, 0, flags)) return -1; \
        int fd = real arguments; if (fd >= 0 && fd < (int)sizeof below) below[fd] = ours; return fd; }

ON_FILE(ssize_t, write, data, size, -1, (int fd, const void *data, size_t size), (fd, data, size))
ON_FILE(ssize_t, pwrite, data, size, offset, (int fd, const void *data, size_t size, off_t offset), (fd, data, size, offset))
ON_FILE(ssize_t, pwrite64, data, size, offset, (int fd, const void *data, size_t size, off64_t offset), (fd, data, size, offset))
ON_FILE(ssize_t, read, 0, 0, 0, (int fd, void *data, size_t size), (fd, data, size))
ON_FILE(ssize_t, pread, 0, 0, 0, (int fd, void *data, size_t size, off_t offset), (fd, data, size, offset))
ON_FILE(ssize_t, pread64, 0, 0, 0, (int fd, void *data, size_t size, off64_t offset), (fd, data, size, offset))
ON_FILE(void *, mmap, 0, 0, 0, (void *at, size_t size, int access, int flags, int fd, off_t from), (at, size, access, flags, fd, from))
ON_FILE(void *, mmap64, 0, 0, 0, (void *at, size_t size, int access, int flags, int fd, off64_t from), (at, size, access, flags, fd, from))
ON_FILE(int, ftruncate, 0, size, 0, (int fd, off_t size), (fd, size))
ON_FILE(int, ftruncate64, 0, size, 0, (int fd, off64_t size), (fd, size))
ON_FILE(int, fsync, 0, 0, 0, (int fd), (fd))
ON_FILE(int, fdatasync, 0, 0, 0, (int fd), (fd))
ON_PATH(unlink, 0, (const char *path), (path))
ON_PATH(rmdir, 0, (const char *path), (path))
ON_PATH(mkdir, 0, (const char *path, mode_t mode), (path, mode))
ON_PATH(rename, to, (const char *path, const char *to), (path, to))
OPENS(open, -1, (const char *path, int flags, ...), (path, flags, mode))
OPENS(open64, -1, (const char *path, int flags, ...), (path, flags, mode))
OPENS(openat, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPENS(openat64, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

int unlinkat(int folder, const char *path, int flags) {
    REAL(unlinkat);
    char buffer[8192];
    const char *full = whole(folder, path, buffer, sizeof buffer);
    const char *call = flags & AT_REMOVEDIR ? "rmdir" : "unlink";
    return touches(full) && refused(call, -1, full, 0, 0, 0, 0) ? -1 : real(folder, path, flags);
}
DIR *opendir(const char *path) {
    REAL(opendir);
    return touches(path) && refused("opendir", -1, path, 0, 0, 0, 0) ? NULL : real(path);
}
int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < (int)sizeof below) below[fd] = 0;
    return real(fd);
}
