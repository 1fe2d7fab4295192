/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talker: a program for tests of td_program: it reads a line for each call, and answers as the
 * action says, or does what no program should.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static json_int_t id;

static void say(const char *key, json_t *value)
{
    json_t *line = json_pack("{s:I, s:o}", "id", id, key, value);
    char *text = json_dumps(line, JSON_COMPACT);

    puts(text);
    fflush(stdout);
    free(text);
    json_decref(line);
}

static int number(const json_t *input, const char *key)
{
    return (int)json_integer_value(json_object_get(input, key));
}

static void echo(const json_t *input)
{
    say("output", json_deep_copy(input));
}

static void mute(const json_t *input)
{
    (void)input;
}

static void deaf(const json_t *input)
{
    (void)input;
    for (;;)
        pause();
}

static void die(const json_t *input)
{
    fprintf(stderr, "oh dear\n");
    if (number(input, "signal") != 0)
        raise(number(input, "signal"));
    _exit(number(input, "code"));
}

static void write_text(const json_t *input)
{
    puts(json_string_value(json_object_get(input, "text")));
    fflush(stdout);
}

static void fill(const json_t *input)
{
    for (int i = number(input, "bytes"); i > 0; i--)
        putchar('x');
    fflush(stdout);
}

static void emit(const json_t *input)
{
    for (int i = 0; i < number(input, "count"); i++)
        say("emit", json_pack("{s:i}", "n", i));
    if (!json_is_true(json_object_get(input, "endless")))
        say("output", json_object());
}

static void fail(const json_t *input)
{
    say("error", json_deep_copy(input));
}

static void close_output(const json_t *input)
{
    (void)input;
    close(1);
    pause();
}

static void complain(const json_t *input)
{
    for (int i = 0; i < number(input, "lines"); i++)
        fprintf(stderr, "complaint %d\n", i);
    say("output", json_object());
}

/* Children that are in sessions of their own, ignore what they can, and stay. */
static void leave_children(const json_t *input)
{
    for (int i = 0; i < number(input, "count"); i++)
        if (fork() == 0) {
            setsid();
            signal(SIGTERM, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
            if (fork() != 0)
                _exit(0);
            for (;;)
                pause();
        }
    say("output", json_object());
}

static int try_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int try_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

/* What of the world it can reach: errno, or 0. */
static void probe(const json_t *input)
{
    const char *path = json_string_value(json_object_get(input, "path"));
    const char *words = getenv("WORDS");

    say("output", json_pack("{s:i, s:i, s:i, s:i, s:i, s:s*, s:b}", "read",
                            try_open(path, O_RDONLY), "write", try_open(path, O_WRONLY), "socket",
                            try_socket(), "kill", kill(getppid(), 0) == 0 ? 0 : errno, "ptrace",
                            syscall(SYS_ptrace, 0, 0, 0, 0) == 0 ? 0 : errno, "words", words,
                            "home", getenv("HOME") != NULL));
}

static const struct {
    const char *name;
    void (*run)(const json_t *input);
} actions[] = {
    { "echo", echo },
    { "mute", mute },
    { "deaf", deaf },
    { "die", die },
    { "text", write_text },
    { "fill", fill },
    { "emit", emit },
    { "fail", fail },
    { "close", close_output },
    { "complain", complain },
    { "children", leave_children },
    { "probe", probe },
};

static void take(const json_t *call)
{
    const char *action = json_string_value(json_object_get(call, "action"));

    if (action == NULL) /* of a cancel */
        return;
    id = json_integer_value(json_object_get(call, "id"));
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(actions[i].name, action) == 0) {
            actions[i].run(json_object_get(call, "input"));
            return;
        }
    say("error", json_pack("{s:s, s:s}", "code", "not_found", "text", "no such action"));
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        json_t *call = json_loads(line, 0, NULL);

        take(call);
        json_decref(call);
    }
    free(line);
    return 0;
}
