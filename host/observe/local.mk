# SPDX-License-Identifier: Apache-2.0
# Alerts, and events of the host. See docs/observe.md.
libtdevhost_la_SOURCES += \
    host/observe/alert.c \
    host/observe/alert_rule.c \
    host/observe/herald.c \
    host/observe/internal.h \
    host/observe/observe.h \
    host/observe/window.c
