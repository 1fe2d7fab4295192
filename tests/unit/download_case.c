/* SPDX-License-Identifier: Apache-2.0 */
/*
 * download_case: what both tests of the download plugin do.
 */
#include "download_case.h"

#include <dirent.h>
#include <stdlib.h>

#include "kit/file.h"

const char case_project[] =
    "[{'path': 'js/b.js', 'text': 'b\\n'}, {'path': 'a.html', 'text': '<p>글</p>\\n'},"
    " {'path': 'tests/deep/c.js', 'text': ''}]";

struct agent *case_start(void)
{
    return agent_new("plugins/agents/download", "conf");
}

const char *case_at(const char *folder, const char *name)
{
    static char paths[4][700];
    static int turn;

    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", folder, name);
    return paths[turn];
}

json_t *case_pack(struct agent *agent, const char *files, const char *dir, struct td_err *err)
{
    return agent_call(agent, "pack",
                      json_pack("{s:o, s:s, s:s, s:[{s:s, s:s}]}", "files", agent_json(files),
                                "dir", dir, "name", "app", "parts", "name", "core", "version",
                                "1.2.3"),
                      err);
}

json_t *case_publish(struct agent *agent, const char *from, const char *to, bool is_forced,
                     struct td_err *err)
{
    return agent_call(agent, "publish",
                      json_pack("{s:s, s:s, s:b}", "from", from, "to", to, "force", is_forced),
                      err);
}

char *case_read(const char *path)
{
    struct td_err err;
    size_t length;
    char *text = kit_file_read(path, 1U << 20, &length, &err);

    if (text == NULL)
        fail_msg("%s", err.text);
    return text;
}

size_t case_count(const char *folder)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2; /* "." and ".." */
}
