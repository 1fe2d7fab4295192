/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room: a folder beside a file, for making what will stand in that file's place.
 */
#ifndef TDH_CLI_ROOM_H
#define TDH_CLI_ROOM_H

#include <limits.h>
#include <tdev/err.h>

/* Made by tdh_room_open, ended by tdh_room_close. */
struct tdh_room {
    char path[PATH_MAX]; /* of the folder */
    char file[PATH_MAX]; /* in it: an empty file that only this user may read */
    int fd;              /* of the folder, locked */
};

/**
 * Makes the folder `beside` + `suffix`, for this process alone. What a process left there that was
 * killed is taken away; files of other names are left alone.
 *
 * err  TD_E_UNAVAILABLE: another process is at the same; TD_E_IO
 */
int tdh_room_open(struct tdh_room *room, const char *beside, const char *suffix,
                  struct td_err *err);
/** Takes the folder away, with what is left in it of its own. */
void tdh_room_close(struct tdh_room *room);

/** Now, as a part of a file's name: "20261121T100000.5Z". Returns text. */
const char *tdh_room_now(char text[static 40]);

#endif
