/*
 * Preloaded after libumockdev-preload. That library makes stat() call emulated device nodes character devices, but
 * leaves fstat() alone; adb takes the place of a device on the bus from fstat() and ends without one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Answers an fd of an emulated node as stat() answers its path; any other fd is left as it is. */
static void as_its_path(int fd, struct stat *st)
{
    char link[64], path[PATH_MAX];
    const char *root = getenv("UMOCKDEV_DIR");
    if (!root || !S_ISREG(st->st_mode))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    size_t start = strlen(root);
    if (length <= 0)
        return;
    path[length] = '\0';
    if (strncmp(path, root, start) != 0 || strncmp(path + start, "/dev/", 5) != 0)
        return;
    struct stat node;
    if (stat(path + start, &node) == 0) {
        st->st_mode = node.st_mode;
        st->st_rdev = node.st_rdev;
    }
}

int fstat(int fd, struct stat *st)
{
    int (*next)(int, struct stat *) = dlsym(RTLD_NEXT, "fstat");
    int result = next(fd, st);
    if (result == 0)
        as_its_path(fd, st);
    return result;
}

/* The same layout on 64-bit Linux. */
int fstat64(int fd, struct stat64 *st)
{
    return fstat(fd, (struct stat *)st);
}

/* What programs linked before glibc 2.33 call. */
int __fxstat(int version, int fd, struct stat *st)
{
    (void)version;
    return fstat(fd, st);
}

int __fxstat64(int version, int fd, struct stat64 *st)
{
    (void)version;
    return fstat(fd, (struct stat *)st);
}
