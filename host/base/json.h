/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: reads JSON texts into jansson values under the host's rules, and walks values by path.
 *
 * Duplicate keys are refused, NUL inside strings is allowed, depth is at most TDH_JSON_DEPTH
 * (checked before parsing), and the error names line and column.
 */
#ifndef TDH_BASE_JSON_H
#define TDH_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

/**
 * Reads one JSON text.
 *
 * name  what the text is, for the error: a file or "request body"
 * err   TD_E_INVAL: `NAME:LINE:COLUMN: what is wrong`; TD_E_LIMIT: too deep
 * Returns new, or NULL.
 */
json_t *tdh_json_parse(const char *text, size_t length, const char *name, struct td_err *err);
/** Reads a file of at most `limit_bytes`.
 * err: TD_E_IO, TD_E_NOTFOUND, TD_E_LIMIT, TD_E_INVAL. Returns new, or NULL. */
json_t *tdh_json_read(const char *path, size_t limit_bytes, struct td_err *err);
/** The whole of a file, new, NUL-terminated; free() it. err as tdh_json_read. */
char *tdh_file_read(const char *path, size_t limit_bytes, size_t *ret_length, struct td_err *err);
/**
 * Writes a file so that a reader, or a crash, sees the old or the new content whole: a temporary
 * name in the same folder, fsync, rename, fsync of the folder. A link at `path` is replaced, not
 * followed; `mode` is that of a new file, less the umask. err: TD_E_IO.
 */
int tdh_file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                   struct td_err *err);
/** Makes names in the folder of `path` (made, renamed, removed) last. err: TD_E_IO. */
int tdh_file_sync_folder(const char *path, struct td_err *err);
/** Makes a folder and its parents, which the owner can always write to;
 * what is there already is fine. err: TD_E_IO. */
int tdh_file_mkdirs(const char *path, unsigned mode, struct td_err *err);

/** The value at a JSON Pointer (RFC 6901) in `root`, borrowed;
 * NULL when there is none. "" is the root. */
json_t *tdh_json_at(const json_t *root, const char *pointer);
/** The string member `key` of an object, or `fallback`. */
const char *tdh_json_str(const json_t *object, const char *key, const char *fallback);
/** "null", "boolean", "integer", "number", "string", "array", "object". */
const char *tdh_json_type_name(const json_t *value);

/** Why a value that some plugin made cannot be written as JSON, as words after "it"; it nests
 * deeper than TDH_JSON_DEPTH, or is not UTF-8. NULL: it can. Static. */
const char *tdh_json_fault(const json_t *value);

#endif
