libtdevhost_la_SOURCES += \
    host/call/account.c \
    host/call/authorise.c \
    host/call/breaker.c \
    host/call/breaker_rule.c \
    host/call/cache.c \
    host/call/call.c \
    host/call/call.h \
    host/call/deadline.c \
    host/call/dispatch.c \
    host/call/fallback.c \
    host/call/gate.c \
    host/call/internal.h \
    host/call/limit.c \
    host/call/match.c \
    host/call/policies.c \
    host/call/policy.c \
    host/call/recover.c \
    host/call/resolve.c \
    host/call/retry.c \
    host/call/rule.c \
    host/call/spend.c \
    host/call/trace.c \
    host/call/validate.c
