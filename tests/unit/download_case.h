/* SPDX-License-Identifier: Apache-2.0 */
/*
 * download_case: a small project, and the two actions of the download plugin on it.
 */
#ifndef DOWNLOAD_CASE_H
#define DOWNLOAD_CASE_H

#include "build_agent.h"

/* {path, text} of three files, for agent_json. */
extern const char case_project[];

struct agent *case_start(void);
/** files: for agent_json. Returns new, or NULL. */
json_t *case_pack(struct agent *agent, const char *files, const char *dir, struct td_err *err);
json_t *case_publish(struct agent *agent, const char *from, const char *to, bool is_forced,
                     struct td_err *err);

/** "FOLDER/NAME", in one of four buffers that are used in turn. */
const char *case_at(const char *folder, const char *name);
/** The text of a file, new; free() it. */
char *case_read(const char *path);
/** How many names a folder has. */
size_t case_count(const char *folder);

#endif
