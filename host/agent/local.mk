libtdevhost_la_SOURCES += \
    host/agent/agent.c \
    host/agent/agent.h \
    host/agent/dispatch.c \
    host/agent/exchange.c \
    host/agent/instance.c \
    host/agent/internal.h \
    host/agent/list.c \
    host/agent/template.c
