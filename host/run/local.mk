libtdevhost_la_SOURCES += \
    host/run/ask.c \
    host/run/chain.c \
    host/run/child.c \
    host/run/engine.c \
    host/run/due.c \
    host/run/event.c \
    host/run/execute.c \
    host/run/facts.c \
    host/run/fold.c \
    host/run/fork.c \
    host/run/hold.c \
    host/run/internal.h \
    host/run/journal.c \
    host/run/late.c \
    host/run/mail.c \
    host/run/move.c \
    host/run/owner.c \
    host/run/preload.c \
    host/run/prune.c \
    host/run/records.c \
    host/run/replay.c \
    host/run/resume.c \
    host/run/run.c \
    host/run/run.h \
    host/run/snapshot.c \
    host/run/tail.c \
    host/run/wish.c
