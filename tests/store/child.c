/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child: fork, two pipes, wait.
 */
#include "child.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

void child_start(struct child *child, const struct suite *suite, child_fn *fn)
{
    int up[2], down[2];

    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    fflush(NULL);
    child->process = fork();
    assert_true(child->process >= 0);
    if (child->process == 0) {
        close(up[0]);
        close(down[1]);
        _exit(fn(suite, down[0], up[1]));
    }
    close(up[1]);
    close(down[0]);
    child->from = up[0];
    child->to = down[1];
}

char child_wait(const struct child *child)
{
    char byte = '\0';

    assert_int_equal(read(child->from, &byte, 1), 1);
    return byte;
}

int child_end(struct child *child)
{
    int status;

    if (child->to >= 0)
        close(child->to);
    assert_int_equal(waitpid(child->process, &status, 0), child->process);
    close(child->from);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
