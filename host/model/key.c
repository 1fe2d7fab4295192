/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key: a provider's key, from the environment, a file of its owner alone, or a program that prints
 * it; and its address, with what stands in braces filled in.
 *
 * A file is read again when it is another, a program asked again after five minutes, so keys change
 * without a restart. What is given back is wiped before it is freed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "model/providers.h"

enum { KEY_BYTES = 16 << 10, COMMAND_MS = 10000, COMMAND_ARGS = 32 };
#define COMMAND_KEPT_NS (UINT64_C(300) * 1000000000)

struct tdh_secret {
    pthread_mutex_t lock;
    char *text; /* NULL: not known */
    int64_t mtime_ns;
    uint64_t until_ns;
};

struct tdh_secret *tdh_key_new(void)
{
    struct tdh_secret *secret = calloc(1, sizeof(*secret));

    if (secret != NULL)
        pthread_mutex_init(&secret->lock, NULL);
    return secret;
}

void tdh_key_wipe(char *key)
{
    if (key != NULL)
        explicit_bzero(key, strlen(key));
}

void tdh_key_free(struct tdh_secret *secret)
{
    if (secret == NULL)
        return;
    tdh_key_wipe(secret->text);
    free(secret->text);
    pthread_mutex_destroy(&secret->lock);
    free(secret);
}

static void keep(struct tdh_secret *secret, char *text)
{
    tdh_key_wipe(secret->text);
    free(secret->text);
    secret->text = text;
}

/* A key is one line; what stands around it does not belong to it. */
static int trim(const char *whose, char *text, struct td_err *err)
{
    size_t length = strlen(text), lead = strspn(text, " \t\r\n");

    while (length > lead && strchr(" \t\r\n", text[length - 1]) != NULL)
        text[--length] = '\0';
    memmove(text, text + lead, length - lead + 1);
    if (text[0] == '\0')
        return td_fail(err, TD_E_CONFIG, "%s is empty", whose);
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || (unsigned char)*at == 0x7f)
            return td_fail(err, TD_E_CONFIG, "%s is more than one line of text", whose);
    return 0;
}

/* --- a file --- */

static int check_owner(const char *path, int fd, struct stat *ret_file, struct td_err *err)
{
    if (fstat(fd, ret_file) != 0)
        return td_fail_sys(err, "could not look at the key \"%s\"", path);
    if ((ret_file->st_mode & 077) == 0 && (ret_file->st_uid == geteuid() || ret_file->st_uid == 0))
        return 0;
    td_fail(err, TD_E_PERM, "the key \"%s\" could be read by others", path);
    return td_hint(err, "chmod 600 %s", path);
}

static int read_file(struct tdh_secret *secret, const char *path, struct td_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
    char *text = NULL, whose[300];
    int64_t mtime_ns;
    struct stat file;
    ssize_t got;

    if (fd < 0)
        return td_fail_sys(err, "could not open the key \"%s\"", path);
    if (check_owner(path, fd, &file, err) != 0)
        goto out;
    mtime_ns = file.st_mtim.tv_sec * INT64_C(1000000000) + file.st_mtim.tv_nsec;
    if (secret->text != NULL && mtime_ns == secret->mtime_ns) {
        rc = 0;
        goto out;
    }
    text = calloc(1, KEY_BYTES);
    got = text != NULL ? read(fd, text, KEY_BYTES - 1) : -1;
    snprintf(whose, sizeof(whose), "the key \"%.250s\"", path);
    if (got < 0)
        td_fail_sys(err, "could not read %s", whose);
    else if (trim(whose, text, err) == 0) {
        keep(secret, text);
        secret->mtime_ns = mtime_ns;
        text = NULL;
        rc = 0;
    }
out:
    tdh_key_wipe(text);
    free(text);
    close(fd);
    return rc;
}

/* --- a program --- */

static int begin(const json_t *command, pid_t *ret_pid, struct td_err *err)
{
    char *words[COMMAND_ARGS + 1] = { NULL };
    posix_spawn_file_actions_t actions;
    const json_t *word;
    int pipes[2], rc;
    size_t i;

    json_array_foreach (command, i, word)
        words[i] = (char *)(uintptr_t)json_string_value(word);
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return td_fail_sys(err, "could not make a pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    rc = posix_spawnp(ret_pid, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    if (rc == 0)
        return pipes[0];
    close(pipes[0]);
    errno = rc;
    return td_fail_sys(err, "could not start \"%s\", which is to print the key", words[0]);
}

/* False: it took too long, or said too much. */
static bool listen_to(int fd, char *text)
{
    uint64_t until_ns = tdh_clock_mono_ns() + COMMAND_MS * UINT64_C(1000000);
    size_t length = 0;

    for (;;) {
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        uint64_t now_ns = tdh_clock_mono_ns();
        ssize_t got;

        if (now_ns >= until_ns || length == KEY_BYTES - 1)
            return false;
        if (poll(&poll_fd, 1, (int)((until_ns - now_ns) / 1000000) + 1) <= 0)
            continue;
        got = read(fd, text + length, KEY_BYTES - 1 - length);
        if (got <= 0)
            return got == 0;
        length += (size_t)got;
    }
}

static int ask_command(struct tdh_secret *secret, const json_t *command, struct td_err *err)
{
    const char *program = json_string_value(json_array_get(command, 0));
    char *text = calloc(1, KEY_BYTES), whose[300];
    pid_t pid;
    int fd = -1, status = 0, rc = -1;
    bool is_whole = false;

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a key");
    fd = begin(command, &pid, err);
    if (fd >= 0) {
        is_whole = listen_to(fd, text);
        close(fd);
        if (!is_whole)
            kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        snprintf(whose, sizeof(whose), "what \"%.200s\" prints as the key", program);
        if (!is_whole)
            td_fail(err, TD_E_TIMEOUT, "\"%s\", which is to print the key, did not end in %d s",
                    program, COMMAND_MS / 1000);
        else if (status != 0)
            td_fail(err, TD_E_CONFIG, "\"%s\", which is to print the key, failed with status %d",
                    program, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        else
            rc = trim(whose, text, err);
    }
    if (rc == 0) {
        keep(secret, text);
        secret->until_ns = tdh_clock_mono_ns() + COMMAND_KEPT_NS;
        return 0;
    }
    tdh_key_wipe(text);
    free(text);
    return -1;
}

/* --- all of them --- */

static const char *env_of(const struct tdh_provider *provider)
{
    const char *name = tdh_json_str(provider->key, "env", NULL), *value;

    value = name != NULL ? getenv(name) : NULL;
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool is_optional(const struct tdh_provider *provider)
{
    return provider->key == NULL || json_is_true(json_object_get(provider->key, "optional"));
}

bool tdh_provider_has_key(const struct tdh_provider *provider)
{
    const char *path = tdh_json_str(provider->key, "file", NULL);

    return is_optional(provider) || env_of(provider) != NULL ||
           (path != NULL && access(path, R_OK) == 0) || tdh_provider_can_sign(provider);
}

static int fail_missing(const struct tdh_provider *provider, struct td_err *err)
{
    const char *name = tdh_json_str(provider->key, "env", NULL),
               *path = tdh_json_str(provider->key, "file", NULL);

    td_fail(err, TD_E_CONFIG, "provider \"%s\" has no key", provider->name);
    if (tdh_provider_signs(provider))
        return tdh_provider_hint_sign(provider, name, err);
    if (path != NULL)
        return td_hint(err, "put it into %s, mode 0600%s%s", path, name != NULL ? ", or set " : "",
                       name != NULL ? name : "");
    if (name != NULL)
        return td_hint(err, "set %s, or say \"key: {file: PATH}\" in %s", name, provider->path);
    return td_hint(err, "say in %s where it is: key: {env: NAME}, {file: PATH} or {command: [...]}",
                   provider->path);
}

/* ret_key: new; NULL: none is needed. With the secret's lock. */
static int find_key(const struct tdh_provider *provider, char **ret_key, struct td_err *err)
{
    const char *value = env_of(provider), *path = tdh_json_str(provider->key, "file", NULL);
    const json_t *command = json_object_get(provider->key, "command");
    struct tdh_secret *secret = provider->secret;

    if (value == NULL && path != NULL && access(path, F_OK) == 0) {
        if (read_file(secret, path, err) != 0)
            return -1;
        value = secret->text;
    }
    if (value == NULL && command != NULL) {
        if ((secret->text == NULL || tdh_clock_mono_ns() >= secret->until_ns) &&
            ask_command(secret, command, err) != 0)
            return -1;
        value = secret->text;
    }
    if (value == NULL && !is_optional(provider) && !tdh_provider_can_sign(provider))
        return fail_missing(provider, err);
    *ret_key = value != NULL ? strdup(value) : NULL;
    return value == NULL || *ret_key != NULL ? 0
                                             : td_fail(err, TD_E_NOMEM, "could not allocate a key");
}

int tdh_provider_key(const struct tdh_provider *provider, char **ret_header, struct td_err *err)
{
    const char *header = tdh_json_str(provider->key, "header", "Authorization: Bearer {key}"),
               *place = strstr(header, "{key}");
    char *key = NULL;
    int rc;

    pthread_mutex_lock(&provider->secret->lock);
    rc = find_key(provider, &key, err);
    pthread_mutex_unlock(&provider->secret->lock);
    if (rc != 0)
        return td_context(err, "provider \"%s\"", provider->name);
    *ret_header = NULL;
    if (key == NULL)
        return 0;
    if (asprintf(ret_header, "%.*s%s%s", (int)(place - header), header, key, place + 5) < 0) {
        *ret_header = NULL;
        rc = td_fail(err, TD_E_NOMEM, "could not allocate a key");
    }
    tdh_key_wipe(key);
    free(key);
    return rc;
}

/* --- the address --- */

static const char *value_of(const struct tdh_provider *provider, const char *name,
                            struct td_err *err)
{
    const json_t *row = json_object_get(provider->values, name);
    const char *variable = tdh_json_str(row, "env", NULL), *value = NULL;

    if (variable != NULL)
        value = getenv(variable);
    if (value == NULL || value[0] == '\0')
        value = tdh_json_str(row, "default", NULL);
    if (value == NULL) {
        td_fail(err, TD_E_CONFIG, "provider \"%s\" needs %s for its address", provider->name, name);
        td_hint(err, "set %s", variable != NULL ? variable : name);
        return NULL;
    }
    if (value[strcspn(value, "/?#@: \r\n")] == '\0')
        return value;
    td_fail(err, TD_E_CONFIG,
            "provider \"%s\": %s is \"%.60s\", which cannot be part of an address", provider->name,
            variable != NULL ? variable : name, value);
    return NULL;
}

char *tdh_provider_fill(const struct tdh_provider *provider, const char *text, struct td_err *err)
{
    struct tdh_buf filled = { 0 };
    const char *at = text;

    while (*at != '\0') {
        size_t plain = strcspn(at, "{"), length = strcspn(at + plain, "}");
        const char *value;
        char name[64];

        tdh_buf_add(&filled, at, plain);
        at += plain;
        if (*at == '\0')
            break;
        snprintf(name, sizeof(name), "%.*s", (int)(length - 1), at + 1);
        value = value_of(provider, name, err);
        if (value == NULL) {
            tdh_buf_free(&filled);
            return NULL;
        }
        tdh_buf_text(&filled, value);
        at += length + (at[length] == '}');
    }
    if (!filled.failed && filled.data != NULL)
        return tdh_buf_steal(&filled);
    tdh_buf_free(&filled);
    td_fail(err, TD_E_NOMEM, "could not allocate the address of provider \"%s\"", provider->name);
    return NULL;
}

char *tdh_provider_url(const struct tdh_provider *provider, struct td_err *err)
{
    char *url;
    size_t length;

    if (provider->base_url == NULL) {
        td_fail(err, TD_E_CONFIG, "provider \"%s\" has no base_url", provider->name);
        return NULL;
    }
    url = tdh_provider_fill(provider, provider->base_url, err);
    length = url != NULL ? strlen(url) : 0;
    if (length > 0 && url[length - 1] == '/')
        url[length - 1] = '\0';
    return url;
}
