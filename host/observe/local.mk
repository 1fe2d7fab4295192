# SPDX-License-Identifier: Apache-2.0
# Alerts, events of the host, and what it uses. See docs/observe.md.
libtdevhost_la_SOURCES += \
    host/observe/alert.c \
    host/observe/alert_rule.c \
    host/observe/herald.c \
    host/observe/internal.h \
    host/observe/ledger.c \
    host/observe/ledgers.c \
    host/observe/metrics.c \
    host/observe/observe.h \
    host/observe/window.c
