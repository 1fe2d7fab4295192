/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver: replays inputs through a fuzz target that was built without a fuzzer: the files given as
 * arguments, or, when there are none, all seeds of the target.
 */
#ifdef TDH_FUZZER
typedef int nothing_here; /* the fuzzer brings its own main */
#else
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "fuzz.h"

enum { FILE_MAX = 16 << 20 };

static int replay(const char *path)
{
    struct td_err err;
    size_t length;
    char *bytes = tdh_file_read(path, FILE_MAX, &length, &err);

    if (bytes == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
    free(bytes);
    return 0;
}

/* Returns the number of seeds, or -1. */
static int replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    char path[PATH_MAX];
    int count = 0;

    if (dir == NULL) {
        perror(folder);
        return -1;
    }
    while (count >= 0 && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        count = replay(path) == 0 ? count + 1 : -1;
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? 0 : replay_folder(FUZZ_SEEDS);

    for (int i = 1; i < argc && count >= 0; i++)
        count = replay(argv[i]) == 0 ? count + 1 : -1;
    if (count < 0)
        return 1;
    printf("%d inputs replayed\n", count);
    return 0;
}
#endif
