# SPDX-License-Identifier: Apache-2.0
libtdevhost_la_SOURCES += \
    host/plugin/apart.c \
    host/plugin/backend.c \
    host/plugin/bind.c \
    host/plugin/catalogue.c \
    host/plugin/check.c \
    host/plugin/compat.c \
    host/plugin/compile.c \
    host/plugin/copy.c \
    host/plugin/ctx.c \
    host/plugin/descriptor.c \
    host/plugin/elf.c \
    host/plugin/field.c \
    host/plugin/internal.h \
    host/plugin/library.c \
    host/plugin/load.c \
    host/plugin/loader.c \
    host/plugin/manifest.c \
    host/plugin/manifest_rows.c \
    host/plugin/option.c \
    host/plugin/permission.c \
    host/plugin/plugin.h \
    host/plugin/registry.c \
    host/plugin/require.c \
    host/plugin/resolve.c \
    host/plugin/scan.c \
    host/plugin/stamp.c \
    host/plugin/tidy.c \
    host/plugin/uses.c

EXTRA_DIST += conf/compat.yaml docs/plugin.md
