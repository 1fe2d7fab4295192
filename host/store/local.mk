libtdevhost_la_SOURCES += \
    host/store/internal.h \
    host/store/records.c \
    host/store/store.c \
    host/store/store.h \
    host/store/writer.c
