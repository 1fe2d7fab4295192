/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecma: one pass over the text; a table says what each escape letter becomes.
 *
 * Told apart on purpose: \v is one character here and a class in PCRE2; \Z, \A, \K, \Q, (?i),
 * (*VERB) and possessive quantifiers do not exist here. `.` also matches U+2028 and U+2029, the one
 * difference that is left.
 */
#include "schema/ecma.h"

#include <stdbool.h>
#include <string.h>

#include "schema/pattern.h"

#define SPACES                                                                                     \
    "\\t\\n\\x{b}\\f\\r "                                                                          \
    "\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"

struct scan {
    const char *text, *at, *end; /* at: the next byte to read */
    struct tdh_buf *out;
    struct td_err *err;
    unsigned nest;
    bool is_class;      /* between [ and ] */
    bool is_quantifier; /* what was written last is *, + or ? */
};

static int refuse(struct scan *scan, const char *why, const char *what, size_t length)
{
    return td_fail(scan->err, TD_E_INVAL, "\"%.*s\" is not a regular expression: %s\"%.*s\"",
                   (int)(scan->end - scan->text), scan->text, why, (int)length, what);
}

/* General categories: ECMA-262 has long names, PCRE2 the short ones only. */
static const struct {
    const char *name, *brief;
} categories[] = {
    { "Cased_Letter", "L&" },
    { "LC", "L&" },
    { "Close_Punctuation", "Pe" },
    { "Combining_Mark", "M" },
    { "Connector_Punctuation", "Pc" },
    { "Control", "Cc" },
    { "Currency_Symbol", "Sc" },
    { "Dash_Punctuation", "Pd" },
    { "Decimal_Number", "Nd" },
    { "Enclosing_Mark", "Me" },
    { "Final_Punctuation", "Pf" },
    { "Format", "Cf" },
    { "Initial_Punctuation", "Pi" },
    { "Letter", "L" },
    { "Letter_Number", "Nl" },
    { "Line_Separator", "Zl" },
    { "Lowercase_Letter", "Ll" },
    { "Mark", "M" },
    { "Math_Symbol", "Sm" },
    { "Modifier_Letter", "Lm" },
    { "Modifier_Symbol", "Sk" },
    { "Nonspacing_Mark", "Mn" },
    { "Number", "N" },
    { "Open_Punctuation", "Ps" },
    { "Other", "C" },
    { "Other_Letter", "Lo" },
    { "Other_Number", "No" },
    { "Other_Punctuation", "Po" },
    { "Other_Symbol", "So" },
    { "Paragraph_Separator", "Zp" },
    { "Private_Use", "Co" },
    { "Punctuation", "P" },
    { "Separator", "Z" },
    { "Space_Separator", "Zs" },
    { "Spacing_Mark", "Mc" },
    { "Surrogate", "Cs" },
    { "Symbol", "S" },
    { "Titlecase_Letter", "Lt" },
    { "Unassigned", "Cn" },
    { "Uppercase_Letter", "Lu" },
    { "cntrl", "Cc" },
    { "digit", "Nd" },
    { "punct", "P" },
};

/* Skips "Script=" and the like: PCRE2 has all names in one space. */
static const char *skip_property(const char *name, const char *end)
{
    static const char *const properties[] = { "General_Category=",  "gc=", "Script=", "sc=",
                                              "Script_Extensions=", "scx=" };

    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        size_t length = strlen(properties[i]);

        if ((size_t)(end - name) > length && memcmp(name, properties[i], length) == 0)
            return name + length;
    }
    return name;
}

static int put_property(struct scan *scan, char letter)
{
    const char *close = scan->at < scan->end && *scan->at == '{'
                            ? memchr(scan->at, '}', (size_t)(scan->end - scan->at))
                            : NULL;
    const char *name;
    size_t length;

    if (close == NULL)
        return refuse(scan, "no {NAME} behind ", (const char[]){ '\\', letter, '\0' }, 2);
    name = skip_property(scan->at + 1, close);
    length = (size_t)(close - name);
    scan->at = close + 1;
    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
        if (strlen(categories[i].name) == length && memcmp(categories[i].name, name, length) == 0) {
            tdh_buf_printf(scan->out, "\\%c{%s}", letter, categories[i].brief);
            return 0;
        }
    tdh_buf_printf(scan->out, "\\%c{%.*s}", letter, (int)length, name);
    return 0;
}

/* Reads hexadecimal digits, at least `least` and at most `most`; -1 when there are fewer. */
static long read_hex(const char **at, const char *end, int least, int most)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    long value = 0;
    int count = 0;

    while (count < most && *at < end && **at != '\0' && strchr(digits, **at) != NULL) {
        value = value * 16 + (strchr(digits, **at) - digits) % 16;
        (*at)++;
        count++;
    }
    return count >= least ? value : -1;
}

/* \uXXXX, also a surrogate pair of two, and \u{X}. at: behind the u. */
static long read_unicode(const char **at, const char *end)
{
    const char *behind;
    long high, low;

    if (*at < end && **at == '{') {
        (*at)++;
        high = read_hex(at, end, 1, 6);
        return high >= 0 && *at < end && *(*at)++ == '}' ? high : -1;
    }
    high = read_hex(at, end, 4, 4);
    if (high < 0xD800 || high > 0xDBFF || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return high;
    behind = *at + 2;
    low = read_hex(&behind, end, 4, 4);
    if (low < 0xDC00 || low > 0xDFFF)
        return high;
    *at = behind;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* \x, \u, \c and \0: one character by its number. */
static int put_number(struct scan *scan, char letter)
{
    const char *start = scan->at - 2;
    long number = -1;

    if (letter == 'x')
        number = read_hex(&scan->at, scan->end, 2, 2);
    else if (letter == 'u')
        number = read_unicode(&scan->at, scan->end);
    else if (letter == '0' && (scan->at == scan->end || *scan->at < '0' || *scan->at > '9'))
        number = 0;
    else if (letter == 'c' && scan->at < scan->end &&
             ((*scan->at | 32) >= 'a' && (*scan->at | 32) <= 'z'))
        number = *scan->at++ & 31;
    if (number < 0)
        return refuse(scan, "no character has the number ", start, (size_t)(scan->at - start));
    tdh_buf_printf(scan->out, "\\x{%lx}", (unsigned long)number);
    return 0;
}

static int put_backreference(struct scan *scan, char digit)
{
    unsigned number = (unsigned)(digit - '0');

    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' && number < 1000)
        number = number * 10 + (unsigned)(*scan->at++ - '0');
    tdh_buf_printf(scan->out, "\\g{%u}", number);
    return 0;
}

static int put_space(struct scan *scan, char letter)
{
    if (scan->is_class)
        tdh_buf_text(scan->out, letter == 's' ? SPACES : "\\S");
    else
        tdh_buf_printf(scan->out, "[%s%s]", letter == 's' ? "" : "^", SPACES);
    return 0;
}

static int put_same(struct scan *scan, char letter)
{
    tdh_buf_printf(scan->out, "\\%c", letter);
    return 0;
}

static int put_vertical_tab(struct scan *scan, char letter)
{
    (void)letter;
    tdh_buf_text(scan->out, "\\x{b}");
    return 0;
}

/* What a letter or digit behind a backslash becomes. */
static const struct {
    const char *letters;
    bool is_outside; /* of classes only */
    int (*put)(struct scan *scan, char letter);
} escapes[] = {
    { "dDwWbfnrt", false, put_same },
    { "Bk", true, put_same },
    { "sS", false, put_space },
    { "v", false, put_vertical_tab },
    { "xuc0", false, put_number },
    { "pP", false, put_property },
    { "123456789", true, put_backreference },
};

static int put_escape(struct scan *scan)
{
    char c;

    if (scan->at == scan->end)
        return refuse(scan, "nothing stands behind the last ", "\\", 1);
    c = *scan->at++;
    for (size_t i = 0; c != '\0' && i < sizeof(escapes) / sizeof(escapes[0]); i++)
        if (strchr(escapes[i].letters, c) != NULL && !(escapes[i].is_outside && scan->is_class))
            return escapes[i].put(scan, c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return refuse(scan, "there is no escape ", scan->at - 2, 2);
    tdh_buf_add(scan->out, scan->at - 2, 2);
    return 0;
}

/* Behind "(?" stands a colon, a look-around, or a name. */
static bool is_group(const char *at, const char *end)
{
    if (at < end && *at == '*')
        return false;
    if (at == end || *at != '?')
        return true;
    at++;
    return at < end && *at != '\0' && strchr(":=!<", *at) != NULL;
}

static int open_group(struct scan *scan)
{
    if (!is_group(scan->at, scan->end))
        return refuse(scan, "there is no group ", scan->at - 1, scan->end - scan->at >= 2 ? 3 : 2);
    if (++scan->nest > TDH_PATTERN_NEST)
        return td_fail(scan->err, TD_E_LIMIT,
                       "a pattern has more than %d parentheses inside each other",
                       TDH_PATTERN_NEST);
    tdh_buf_char(scan->out, '(');
    if (scan->at < scan->end && *scan->at == '?')
        tdh_buf_char(scan->out, *scan->at++);
    return 0;
}

static int put_in_class(struct scan *scan, char c)
{
    if (c == '[')
        tdh_buf_char(scan->out, '\\'); /* else PCRE2 might read [:name:] */
    tdh_buf_char(scan->out, c);
    scan->is_class = c != ']';
    return 0;
}

static int put_outside(struct scan *scan, char c)
{
    bool was_quantifier = scan->is_quantifier;

    scan->is_quantifier = c == '*' || c == '+' || c == '?';
    if (c == '+' && was_quantifier)
        return refuse(scan, "nothing to repeat before ", "+", 1);
    if (c == '(')
        return open_group(scan);
    if (c == ')' && scan->nest > 0)
        scan->nest--;
    tdh_buf_char(scan->out, c);
    if (c == '[') {
        scan->is_class = true;
        if (scan->at < scan->end && *scan->at == '^')
            tdh_buf_char(scan->out, *scan->at++);
    }
    return 0;
}

static int step(struct scan *scan)
{
    char c = *scan->at++;

    if (c != '\\')
        return scan->is_class ? put_in_class(scan, c) : put_outside(scan, c);
    scan->is_quantifier = false;
    return put_escape(scan);
}

int tdh_js_ecma_rewrite(const char *text, size_t length, struct tdh_buf *out, struct td_err *err)
{
    struct scan scan = { .text = text, .at = text, .end = text + length, .out = out, .err = err };

    while (scan.at < scan.end)
        if (step(&scan) != 0)
            return -1;
    return !out->failed ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a pattern");
}
