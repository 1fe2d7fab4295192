# SPDX-License-Identifier: Apache-2.0
libtdevhost_la_SOURCES += \
    host/plugin/apart.c \
    host/plugin/backend.c \
    host/plugin/bind.c \
    host/plugin/catalogue.c \
    host/plugin/check.c \
    host/plugin/compat.c \
    host/plugin/compile.c \
    host/plugin/confine.c \
    host/plugin/copy.c \
    host/plugin/ctx.c \
    host/plugin/descriptor.c \
    host/plugin/edition.c \
    host/plugin/exchange.c \
    host/plugin/elf.c \
    host/plugin/field.c \
    host/plugin/inmate.c \
    host/plugin/inmate.h \
    host/plugin/inmate_call.c \
    host/plugin/inmate_crash.c \
    host/plugin/inmate_life.c \
    host/plugin/inmate_service.c \
    host/plugin/internal.h \
    host/plugin/judge.c \
    host/plugin/landlock.c \
    host/plugin/library.c \
    host/plugin/link.c \
    host/plugin/link.h \
    host/plugin/load.c \
    host/plugin/loader.c \
    host/plugin/manifest.c \
    host/plugin/manifest_rows.c \
    host/plugin/note.c \
    host/plugin/option.c \
    host/plugin/permission.c \
    host/plugin/plugin.h \
    host/plugin/proxy.c \
    host/plugin/registry.c \
    host/plugin/require.c \
    host/plugin/resolve.c \
    host/plugin/ring.c \
    host/plugin/ring.h \
    host/plugin/runner.c \
    host/plugin/runner.h \
    host/plugin/runner_call.c \
    host/plugin/runner_end.c \
    host/plugin/runner_serve.c \
    host/plugin/runner_start.c \
    host/plugin/scan.c \
    host/plugin/stamp.c \
    host/plugin/status.c \
    host/plugin/syscalls.c \
    host/plugin/tidy.c \
    host/plugin/turn.c \
    host/plugin/uses.c

EXTRA_DIST += docs/plugin.md
