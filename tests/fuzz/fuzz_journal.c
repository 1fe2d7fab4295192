/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_journal: any bytes as the journal of a run of a workflow, a line a row: its type, a blank,
 * its JSON. A run with such a journal is refused or parked with a reason, or goes on, gets a signal
 * and a cancel, and never waits for nothing.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "fuzz.h"
#include "journal_bed.h"

enum { ROWS_MAX = 64 };

/* The journal as it was written; of all inputs. */
static struct world written;
static char id[TDH_ID_SIZE];
static uint64_t run;

/* With FUZZ_JOURNAL=FOLDER the journals that are really written are put there, as seeds. */
static void write_seeds(const char *folder)
{
    for (int kind = 0; kind < JOURNAL_KINDS; kind++) {
        char path[512];
        struct world world;
        FILE *file;
        size_t first;

        journal_make((enum journal_kind)kind, &world, id);
        first = journal_first(&world, id, &run);
        snprintf(path, sizeof(path), "%s/%d", folder, kind);
        file = fopen(path, "we");
        assert(file != NULL);
        for (size_t row = first; row < world.disk->row_count; row++)
            if (world.disk->rows[row].run == run)
                fprintf(file, "%u %s\n", world.disk->rows[row].type, world.disk->rows[row].value);
        fclose(file);
        world_end(&world);
    }
}

static void prepare(void)
{
    if (id[0] != '\0')
        return;
    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    if (getenv("FUZZ_JOURNAL") != NULL)
        write_seeds(getenv("FUZZ_JOURNAL"));
    journal_make(JOURNAL_EVENTS, &written, id);
    journal_first(&written, id, &run);
}

/* The rows of the bytes in place of those that were written. */
static void set_rows(struct world *world, const uint8_t *bytes, size_t size)
{
    struct fake_disk *disk = world->disk;
    const char *at = (const char *)bytes, *end = at + size;
    uint64_t before = 0;
    size_t first = disk->row_count;

    for (size_t row = 0; row < disk->row_count; row++)
        if (disk->rows[row].run == run)
            disk->rows[row].run = UINT64_MAX;
    disk->rows = realloc(disk->rows, (disk->row_count + ROWS_MAX) * sizeof(*disk->rows));
    disk->row_room = disk->row_count + ROWS_MAX;
    for (unsigned row = 0; row < ROWS_MAX && at < end; row++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline != NULL ? newline : end) - at);
        size_t head = length < 2 ? length : 2;
        char *value = strndup(at + head, length - head);

        disk->rows[disk->row_count] = (struct fake_row){ .seq = disk->row_count + 1,
                                                         .run = run,
                                                         .before = before,
                                                         .type = length > 0 ? *at & 7U : 0,
                                                         .value = value,
                                                         .length = strlen(value) };
        before = ++disk->row_count;
        at += newline != NULL ? length + 1 : length;
    }
    for (size_t i = 0; i < disk->index_count; i++)
        if (disk->index[i].version == run)
            disk->index[i].length = first + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct resumed resumed;
    struct world world;

    prepare();
    journal_copy(&written, &world);
    set_rows(&world, bytes, size);
    journal_resume(&world, id, &resumed);
    assert(!resumed.is_refused || resumed.err.text[0] != '\0');
    assert(!resumed.is_idle && (!resumed.is_parked || resumed.is_refused));
    world_end(&world);
    return 0;
}
