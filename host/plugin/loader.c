/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader: opens libraries behind libltdl, with a loader of our own in the place of libltdl's.
 *
 * Its own binds late, so a symbol that is missing kills the host at the first call, and it turns
 * every failure into "file not found". Ours binds everything now, shares no symbol, and keeps the
 * system's words. libltdl frees the table of a loader when it ends, so it is heap memory; and it
 * tries all loaders in turn, so the stock one is removed.
 */
#include <dlfcn.h>
#include <libltdl/lt_dlloader.h>
#include <ltdl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#include "plugin/internal.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* libltdl has lists of its own and no lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_ready;
static char failure[TD_ERR_TEXT]; /* the system's words for the open that failed last */

/* A module stays mapped where tools look up code addresses after it was closed. */
static lt_module open_now(lt_user_data data, const char *path, lt_dladvise advise)
{
    int flags = RTLD_NOW | RTLD_LOCAL | (IS_SANITIZED || RUNNING_ON_VALGRIND ? RTLD_NODELETE : 0);
    void *module = dlopen(path, flags);
    const char *words = module == NULL ? dlerror() : NULL;

    (void)data, (void)advise;
    if (words != NULL) {
        strncpy(failure, words, sizeof(failure) - 1);
        failure[sizeof(failure) - 1] = '\0';
    }
    return module;
}

static int close_module(lt_user_data data, lt_module module)
{
    (void)data;
    return dlclose(module);
}

static void *find_symbol(lt_user_data data, lt_module module, const char *symbol)
{
    (void)data;
    return dlsym(module, symbol);
}

static int add_loader(struct td_err *err)
{
    lt_dlvtable *table = calloc(1, sizeof(*table));

    if (table == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the loader");
    *table = (lt_dlvtable){ .name = "tdev",
                            .module_open = open_now,
                            .module_close = close_module,
                            .find_sym = find_symbol,
                            .priority = LT_DLLOADER_PREPEND };
    if (lt_dlloader_add(table) == 0)
        return 0;
    free(table);
    return td_fail(err, TD_E_INTERNAL, "could not set the loader up: %s", lt_dlerror());
}

/* Once per process, and for its life: handles may live longer than whoever opened the first. */
static int prepare(struct td_err *err)
{
    if (is_ready)
        return 0;
    if (lt_dlinit() != 0)
        return td_fail(err, TD_E_INTERNAL, "could not set libltdl up: %s", lt_dlerror());
    free(lt_dlloader_remove("lt_dlopen"));
    if (add_loader(err) != 0) {
        lt_dlexit();
        return -1;
    }
    is_ready = true;
    return 0;
}

/* The words without the path of the copy in front: its name tells people nothing. */
static int fail_open(const char *path, struct td_err *err)
{
    size_t length = strlen(path);
    const char *words = failure[0] != '\0' ? failure : lt_dlerror();

    if (words == NULL)
        words = "no reason was given";
    if (strncmp(words, path, length) == 0 && strncmp(words + length, ": ", 2) == 0)
        words += length + 2;
    td_fail(err, TD_E_ABI, "%s", words);
    if (strstr(words, "failed to map segment") != NULL)
        td_hint(err,
                "set plugins.private_dir to a folder of a file system that is not mounted noexec");
    return -1;
}

void *tdh_loader_open(const char *path, struct td_err *err)
{
    lt_dlhandle handle = NULL;

    pthread_mutex_lock(&lock);
    failure[0] = '\0';
    if (prepare(err) == 0) {
        handle = lt_dlopen(path);
        if (handle == NULL)
            fail_open(path, err);
    }
    pthread_mutex_unlock(&lock);
    return handle;
}

const void *tdh_loader_find(void *handle, const char *symbol)
{
    const void *address;

    pthread_mutex_lock(&lock);
    address = lt_dlsym(handle, symbol);
    pthread_mutex_unlock(&lock);
    return address;
}

void tdh_loader_close(void *handle)
{
    if (handle == NULL)
        return;
    pthread_mutex_lock(&lock);
    lt_dlclose(handle);
    pthread_mutex_unlock(&lock);
}
