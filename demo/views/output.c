/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is being written. A regular file is written under another name beside it, and takes its
 * place when it is whole. */
static struct {
    char place[PATH_MAX];   /* without links in it */
    char partial[PATH_MAX]; /* "": nothing is, or it is written to as it is */
    bool is_made;           /* the place was made for this, and is empty */
} now;

void output_abandon(void)
{
    if (now.partial[0] != '\0')
        unlink(now.partial);
    if (now.is_made)
        unlink(now.place);
    now.partial[0] = '\0';
    now.is_made = false;
}

static bool is_same_file(int fd, const char *path)
{
    struct stat one, other;

    return fstat(fd, &one) == 0 && stat(path, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static mode_t mode_of_new(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* Beside the place. With the rights of the file that it replaces; its owner can mostly not be had,
 * and need not be. An fd or -errno. */
static int open_partial(const struct stat *former)
{
    const char *slash = strrchr(now.place, '/');
    int folder = slash != NULL ? (int)(slash - now.place) + 1 : 0;
    size_t length =
        (size_t)snprintf(now.partial, sizeof now.partial, "%.*s.edo-XXXXXX", folder, now.place);
    int fd = length < sizeof now.partial ? mkostemp(now.partial, O_CLOEXEC) : -1;

    if (fd < 0) {
        now.partial[0] = '\0';
        return length < sizeof now.partial ? -errno : -ENAMETOOLONG;
    }
    if ((former != NULL && fchown(fd, former->st_uid, former->st_gid) < 0 && errno != EPERM &&
         errno != EINVAL) || /* an owner of another user namespace */
        fchmod(fd, former != NULL ? former->st_mode & 0777 : mode_of_new()) < 0) {
        int error = -errno;

        close(fd);
        unlink(now.partial);
        now.partial[0] = '\0';
        return error;
    }
    return fd;
}

static int truncate_whole(int whole, const struct stat *about)
{
    return S_ISREG(about->st_mode) && ftruncate(whole, 0) < 0 ? -errno : whole;
}

/* What is there already. It is opened in any case, with O_CREAT, so that the kernel says whether it
 * may be written, and looks out for links and fifos of others in a folder like /tmp (proc(5),
 * protected_symlinks). Then: a device, a fifo, or a name that leads elsewhere than its file
 * (/proc/self/fd) is written to as it is, and so is a file in a folder in which none can be made.
 * An fd or -errno. */
static int open_present(const char *path, bool is_made)
{
    int whole = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    struct stat about;
    int fd;

    if (whole < 0 || fstat(whole, &about) < 0)
        return -errno;
    if (!S_ISREG(about.st_mode) || realpath(path, now.place) == NULL ||
        !is_same_file(whole, now.place))
        return truncate_whole(whole, &about);
    now.is_made = is_made;
    fd = open_partial(&about);
    if (fd == -EACCES || fd == -EPERM || fd == -EROFS)
        return truncate_whole(whole, &about);
    close(whole);
    return fd;
}

/* A link that anybody may have put there for us to follow: proc(5), protected_symlinks, which not
 * every system has on. */
static bool is_trap(const char *path, const struct stat *link)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    struct stat about;

    if (!S_ISLNK(link->st_mode) || link->st_uid == geteuid())
        return false;
    snprintf(folder, sizeof folder, "%.*s.", slash != NULL ? (int)(slash - path) + 1 : 0, path);
    return stat(folder, &about) == 0 && (about.st_mode & S_ISVTX) != 0 &&
           (about.st_mode & S_IWOTH) != 0 && about.st_uid != link->st_uid;
}

/* An fd or -errno. */
static int open_path(const char *path)
{
    struct stat link, about;
    bool is_there = stat(path, &about) == 0;

    if (lstat(path, &link) < 0) {
        size_t size = strlen(path) + 1;

        if (size > sizeof now.place)
            return -ENAMETOOLONG;
        memcpy(now.place, path, size);
        return open_partial(NULL);
    }
    if (is_trap(path, &link))
        return -EACCES;
    return open_present(path, !is_there); /* or by a link that leads to nothing */
}

/* What standard output or error goes into already (/dev/stdout, or the name after a shell's ">") is
 * not opened again. That would truncate it, and with a place of its own in the file each of the two
 * would write over what the other wrote; a duplicate shares the place (dup(2)). An fd or -errno. */
static int open_any(const char *path)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (is_same_file(fd, path)) {
            int duplicate = dup(fd);

            return duplicate < 0 ? -errno : duplicate;
        }
    return open_path(path);
}

FILE *output_open(const char *path)
{
    int fd = open_any(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    signal(SIGXFSZ, SIG_IGN); /* a file too large is an error, not the end: setrlimit(2) */
    if (file == NULL) {
        int error = fd < 0 ? -fd : errno;

        if (fd >= 0)
            close(fd);
        output_abandon();
        errno = error;
    }
    return file;
}

int output_close(FILE *file)
{
    int error = fflush(file) != 0 ? -errno : ferror(file) ? -EIO : 0;

    if (fclose(file) != 0 && !error)
        error = -errno;
    if (error) {
        output_abandon();
        return error;
    }
    now.is_made = false;
    if (now.partial[0] != '\0' && rename(now.partial, now.place) < 0) {
        error = -errno;
        output_abandon();
    }
    now.partial[0] = '\0';
    return error;
}
