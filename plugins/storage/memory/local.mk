# SPDX-License-Identifier: Apache-2.0
tdev_storage_memorydir = $(pkglibdir)/plugins/storage/memory
tdev_storage_memory_LTLIBRARIES = plugins/storage/memory/memory.la
dist_tdev_storage_memory_DATA = plugins/storage/memory/plugin.yaml plugins/storage/memory/conform.yaml \
    plugins/storage/memory/README.md
plugins_storage_memory_memory_la_SOURCES = \
    plugins/storage/memory/memory.h \
    plugins/storage/memory/pool.c plugins/storage/memory/pool.h \
    plugins/storage/memory/map.c plugins/storage/memory/map.h \
    plugins/storage/memory/stream.c plugins/storage/memory/stream.h \
    plugins/storage/memory/kv.c \
    plugins/storage/memory/log.c \
    plugins/storage/memory/queue.c \
    plugins/storage/memory/topic.c \
    plugins/storage/memory/lease.c \
    plugins/storage/memory/blob.c \
    plugins/storage/memory/commit.c \
    plugins/storage/memory/memory.c
plugins_storage_memory_memory_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
plugins_storage_memory_memory_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_storage_memory_memory_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_storage_memory_memory_la_LIBADD = $(TD_PLUGIN_LIBADD) -lpthread
