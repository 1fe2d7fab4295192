# SPDX-License-Identifier: Apache-2.0
tdev_storage_sqlitedir = $(pkglibdir)/plugins/storage/sqlite
tdev_storage_sqlite_LTLIBRARIES = plugins/storage/sqlite/sqlite.la
dist_tdev_storage_sqlite_DATA = plugins/storage/sqlite/plugin.yaml plugins/storage/sqlite/conform.yaml \
    plugins/storage/sqlite/README.md
plugins_storage_sqlite_sqlite_la_SOURCES = \
    plugins/storage/sqlite/store.h \
    plugins/storage/sqlite/sql.c plugins/storage/sqlite/sql.h \
    plugins/storage/sqlite/sum.c plugins/storage/sqlite/sum.h \
    plugins/storage/sqlite/error.c \
    plugins/storage/sqlite/holder.c \
    plugins/storage/sqlite/conn.c \
    plugins/storage/sqlite/query.c \
    plugins/storage/sqlite/txn.c \
    plugins/storage/sqlite/name.c \
    plugins/storage/sqlite/mark.c \
    plugins/storage/sqlite/wal.c \
    plugins/storage/sqlite/beside.c \
    plugins/storage/sqlite/migrate.c \
    plugins/storage/sqlite/open.c \
    plugins/storage/sqlite/kv.c \
    plugins/storage/sqlite/log.c \
    plugins/storage/sqlite/queue.c \
    plugins/storage/sqlite/topic.c \
    plugins/storage/sqlite/lease.c \
    plugins/storage/sqlite/blob.c \
    plugins/storage/sqlite/commit.c \
    plugins/storage/sqlite/verify.c \
    plugins/storage/sqlite/backup.c \
    plugins/storage/sqlite/restore.c \
    plugins/storage/sqlite/sqlite.c
plugins_storage_sqlite_sqlite_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
plugins_storage_sqlite_sqlite_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(SQLITE_CFLAGS)
plugins_storage_sqlite_sqlite_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_storage_sqlite_sqlite_la_LIBADD = $(TD_PLUGIN_LIBADD) $(SQLITE_LIBS) -lpthread
