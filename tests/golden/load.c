/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: makes a store's file from SQL: load FILE.sql STORE.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { SQL_MAX = 16 << 20 };

int main(int argc, char **argv)
{
    FILE *file = argc == 3 ? fopen(argv[1], "re") : NULL;
    char *sql = calloc(1, SQL_MAX);
    sqlite3 *db = NULL;
    int rc = 1;

    if (file == NULL || sql == NULL)
        perror("load");
    else if (fread(sql, 1, SQL_MAX - 1, file) == 0 || sqlite3_open(argv[2], &db) != SQLITE_OK ||
             sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fprintf(stderr, "load: %s: %s\n", argv[1], db != NULL ? sqlite3_errmsg(db) : "is empty");
    else
        rc = 0;
    sqlite3_close(db);
    free(sql);
    if (file != NULL)
        fclose(file);
    return rc;
}
