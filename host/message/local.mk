libtdevhost_la_SOURCES += \
    host/message/announce.c \
    host/message/event.c \
    host/message/internal.h \
    host/message/message.h \
    host/message/name.c \
    host/message/read.c \
    host/message/replay.c \
    host/message/trim.c
