libtdevhost_la_SOURCES += \
    host/call/account.c \
    host/call/authorise.c \
    host/call/cache.c \
    host/call/call.c \
    host/call/call.h \
    host/call/deadline.c \
    host/call/dispatch.c \
    host/call/internal.h \
    host/call/limit.c \
    host/call/policy.c \
    host/call/resolve.c \
    host/call/retry.c \
    host/call/spend.c \
    host/call/trace.c \
    host/call/validate.c
