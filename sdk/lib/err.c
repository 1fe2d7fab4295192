/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err: fills and describes the one error type. Holds no state and allocates nothing.
 */
#include <tdev/err.h>

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct td_code_info codes[] = {
    { TD_OK, "ok", "none", "low", false },
    { TD_E_NOMEM, "no_memory", "resource", "critical", true },
    { TD_E_INVAL, "invalid", "validation", "medium", false },
    { TD_E_NOTFOUND, "not_found", "validation", "medium", false },
    { TD_E_EXISTS, "exists", "validation", "medium", false },
    { TD_E_ABI, "abi", "initialization", "high", false },
    { TD_E_IO, "io", "resource", "high", true },
    { TD_E_CONFIG, "configuration", "configuration", "high", false },
    { TD_E_PERM, "permission", "permission", "high", false },
    { TD_E_TIMEOUT, "timeout", "timeout", "medium", true },
    { TD_E_CANCELLED, "cancelled", "execution", "low", false },
    { TD_E_LIMIT, "limit", "resource", "medium", true },
    { TD_E_CONFLICT, "conflict", "resource", "medium", true },
    { TD_E_UNAVAILABLE, "unavailable", "communication", "high", true },
    { TD_E_EXTERNAL, "external", "external_service", "medium", true },
    { TD_E_DEPENDENCY, "dependency", "dependency", "high", false },
    { TD_E_EXEC, "execution", "execution", "medium", false },
    { TD_E_CORRUPT, "corrupt", "resource", "critical", false },
    { TD_E_UNSUPPORTED, "unsupported", "validation", "medium", false },
    { TD_E_DOUBT, "in_doubt", "execution", "high", false },
    { TD_E_INTERNAL, "internal", "execution", "critical", false },
};
_Static_assert(sizeof(codes) / sizeof(codes[0]) == TD_E_MAX_, "one row per code");

const struct td_code_info *td_code_info(enum td_code code)
{
    return (unsigned)code < TD_E_MAX_ ? &codes[code] : &codes[TD_E_INTERNAL];
}

enum td_code td_code_from_name(const char *name)
{
    for (size_t i = 0; i < TD_E_MAX_; i++)
        if (strcmp(codes[i].name, name) == 0)
            return codes[i].code;
    return TD_E_INTERNAL;
}

/* A cut text ends in "..." and never in half a UTF-8 sequence. */
static void mark_cut(char *text, size_t size)
{
    size_t end = size - 4;

    while (end > 0 && ((unsigned char)text[end] & 0xC0U) == 0x80U)
        end--;
    memcpy(text + end, "...", 4);
}

/* Bytes of the UTF-8 sequence (RFC 3629) there; 0: it is none. */
static size_t sequence(const unsigned char *at)
{
    size_t more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;

    if ((at[0] >= 0x80 && at[0] < 0xC2) || at[0] > 0xF4)
        return 0;
    for (size_t i = 1; i <= more; i++)
        if ((at[i] & 0xC0U) != 0x80U)
            return 0;
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
        (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
        return 0;
    return more + 1;
}

/* What is quoted may be anything; a text goes into JSON and onto terminals. */
static void replace_bytes(char *text)
{
    while (*text != '\0') {
        size_t length = sequence((const unsigned char *)text);

        if (length == 0)
            *text = '?';
        text += length > 0 ? length : 1;
    }
}

static void print_to(char *text, size_t size, const char *fmt, va_list ap) TD_PRINTF(3, 0);
static void print_to(char *text, size_t size, const char *fmt, va_list ap)
{
    int length = vsnprintf(text, size, fmt, ap);

    if (length < 0)
        text[0] = '\0';
    else if ((size_t)length >= size)
        mark_cut(text, size);
    replace_bytes(text);
}

static void begin(struct td_err *err, enum td_code code)
{
    memset(err, 0, offsetof(struct td_err, hint));
    err->hint[0] = '\0';
    memset(err->reserved, 0, sizeof(err->reserved));
    err->code = code;
    err->is_retryable = td_code_info(code)->is_retryable;
}

int td_fail(struct td_err *err, enum td_code code, const char *fmt, ...)
{
    char text[TD_ERR_TEXT]; /* an argument may point into err->text */
    va_list ap;

    va_start(ap, fmt);
    print_to(text, sizeof(text), fmt, ap);
    va_end(ap);
    begin(err, code);
    memcpy(err->text, text, strlen(text) + 1);
    return -1;
}

/* Appends ": " and `tail`, cut where the room ends. */
static void append(char *text, size_t size, const char *tail)
{
    size_t used = strlen(text);
    int length = snprintf(text + used, size - used, ": %s", tail);

    if (length < 0 || (size_t)length >= size - used)
        mark_cut(text, size);
}

int td_fail_sys(struct td_err *err, const char *fmt, ...)
{
    int sys = errno;
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    print_to(text, sizeof(text), fmt, ap);
    va_end(ap);
    begin(err, sys == ENOMEM ? TD_E_NOMEM : TD_E_IO);
    err->sys = sys;
    append(text, sizeof(text),
           strerror(sys)); /* no shared buffer for a known number in glibc and musl */
    memcpy(err->text, text, strlen(text) + 1);
    return sys == ENOSPC || sys == EDQUOT ? td_hint(err, "free some space there, then try again")
                                          : -1;
}

int td_context(struct td_err *err, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    print_to(text, sizeof(text), fmt, ap);
    va_end(ap);
    append(text, sizeof(text), err->text);
    memcpy(err->text, text, strlen(text) + 1);
    return -1;
}

int td_hint(struct td_err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_to(err->hint, sizeof(err->hint), fmt, ap);
    va_end(ap);
    return -1;
}
