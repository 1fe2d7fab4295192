/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: inotify. A file counts as changed when it is closed after writing, not with each write.
 */
#include "base/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define CHANGES                                                                                    \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB |            \
     IN_DELETE_SELF | IN_MOVE_SELF)

enum { BUFFER = 16384 };

struct place {
    char *path;
    int wd; /* -1: gone */
    bool is_wanted;
};

struct tdh_watch {
    int fd;
    struct place *places;
    size_t count;
    size_t at, length; /* of the buffer */
    char buffer[BUFFER] __attribute__((aligned(__alignof__(struct inotify_event))));
};

struct tdh_watch *tdh_watch_new(struct td_err *err)
{
    struct tdh_watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a watch of folders");
        return NULL;
    }
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->fd >= 0)
        return watch;
    td_fail_sys(err, "could not watch folders");
    free(watch);
    return NULL;
}

void tdh_watch_free(struct tdh_watch *watch)
{
    if (watch == NULL)
        return;
    for (size_t i = 0; i < watch->count; i++)
        free(watch->places[i].path);
    free(watch->places);
    close(watch->fd);
    free(watch);
}

int tdh_watch_fd(const struct tdh_watch *watch)
{
    return watch->fd;
}

void tdh_watch_begin(struct tdh_watch *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        watch->places[i].is_wanted = false;
}

static struct place *find_place(struct tdh_watch *watch, const char *path)
{
    for (size_t i = 0; i < watch->count; i++)
        if (strcmp(watch->places[i].path, path) == 0)
            return &watch->places[i];
    return NULL;
}

static struct place *add_place(struct tdh_watch *watch, const char *path)
{
    struct place *places = realloc(watch->places, (watch->count + 1) * sizeof(*places));
    char *copy = strdup(path);

    if (places != NULL)
        watch->places = places;
    if (places == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    places[watch->count] = (struct place){ .path = copy, .wd = -1 };
    return &places[watch->count++];
}

/* Named again, it is watched again: a folder that was removed may be there once more. */
int tdh_watch_want(struct tdh_watch *watch, const char *path, int *ret_wd, struct td_err *err)
{
    struct place *place = find_place(watch, path);

    *ret_wd = -1;
    if (place == NULL)
        place = add_place(watch, path);
    if (place == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a watch of folders");
    place->is_wanted = true;
    place->wd = inotify_add_watch(watch->fd, path, CHANGES);
    *ret_wd = place->wd;
    if (place->wd >= 0)
        return 0;
    if (errno == ENOENT || errno == ENOTDIR)
        return td_fail(err, TD_E_NOTFOUND, "\"%.300s\" is not there", path);
    return td_fail_sys(err, "could not watch \"%.300s\"", path);
}

/* Two names of one folder share a watch. */
static bool is_shared(const struct tdh_watch *watch, int wd)
{
    for (size_t i = 0; i < watch->count; i++)
        if (watch->places[i].is_wanted && watch->places[i].wd == wd)
            return true;
    return false;
}

void tdh_watch_end(struct tdh_watch *watch)
{
    size_t kept = 0;

    for (size_t i = 0; i < watch->count; i++) {
        struct place *place = &watch->places[i];

        if (place->is_wanted) {
            watch->places[kept++] = *place;
            continue;
        }
        if (place->wd >= 0 && !is_shared(watch, place->wd))
            inotify_rm_watch(watch->fd, place->wd);
        free(place->path);
    }
    watch->count = kept;
}

static const struct inotify_event *next_event(struct tdh_watch *watch)
{
    const struct inotify_event *event;
    ssize_t length;

    if (watch->at >= watch->length) {
        length = read(watch->fd, watch->buffer, sizeof(watch->buffer));
        watch->at = 0;
        watch->length = length > 0 ? (size_t)length : 0;
    }
    if (watch->at >= watch->length)
        return NULL;
    event = (const struct inotify_event *)(const void *)(watch->buffer + watch->at);
    watch->at += sizeof(*event) + event->len;
    return event;
}

/* A file that was made is told of when it is closed. */
static bool is_told(const struct inotify_event *event)
{
    return (event->mask & IN_CREATE) == 0 || (event->mask & IN_ISDIR) != 0;
}

bool tdh_watch_next(struct tdh_watch *watch, int *ret_wd, const char **ret_name)
{
    const struct inotify_event *event;

    do
        event = next_event(watch);
    while (event != NULL && !is_told(event));
    if (event == NULL)
        return false;
    *ret_wd = (event->mask & IN_Q_OVERFLOW) != 0 ? -1 : event->wd;
    *ret_name = event->len > 0 ? event->name : "";
    return true;
}
