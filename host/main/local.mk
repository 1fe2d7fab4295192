libtdevhost_la_SOURCES += \
    host/main/host.c \
    host/main/main.h \
    host/main/services.c
