libtdevhost_la_SOURCES += \
    host/agent/agent.c \
    host/agent/agent.h \
    host/agent/dispatch.c \
    host/agent/exchange.c \
    host/agent/find.c \
    host/agent/instance.c \
    host/agent/internal.h \
    host/agent/list.c \
    host/agent/query.c \
    host/agent/registry.c \
    host/agent/registry.h \
    host/agent/rows.c \
    host/agent/snapshot.c \
    host/agent/template.c
