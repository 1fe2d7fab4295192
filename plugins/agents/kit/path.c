/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path: decides by the text alone and never asks the file system.
 */
#include "path.h"

#include <stddef.h>
#include <string.h>

static const char part_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

const char *kit_path_fault(const char *path)
{
    unsigned depth = 0;

    if (path[0] == '\0')
        return "is empty";
    if (path[0] == '/')
        return "is absolute";
    if (strlen(path) > KIT_PATH_LENGTH)
        return "is longer than 200 bytes";
    for (const char *part = path;; part++) {
        size_t length = strspn(part, part_chars);

        if (part[length] != '/' && part[length] != '\0')
            return "has a character that is not A-Z, a-z, 0-9, \".\", \"_\", \"-\" or \"/\"";
        if (length == 0 || (length == 1 && part[0] == '.'))
            return "has an empty or \".\" part";
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return "has a \"..\" part";
        if (++depth > KIT_PATH_DEPTH)
            return "has more than 12 parts";
        part += length;
        if (*part == '\0')
            return NULL;
    }
}
