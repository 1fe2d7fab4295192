libtdevhost_la_SOURCES += \
    host/main/daemon.c \
    host/main/host.c \
    host/main/keep.c \
    host/main/main.h \
    host/main/services.c

bin_PROGRAMS += tdev tdevd
tdev_SOURCES = host/main/end.c host/main/end.h host/main/tdev.c
tdev_LDADD = libtdevhost.la libtdsdk.la
tdevd_SOURCES = host/main/end.c host/main/end.h host/main/tdevd.c
tdevd_LDADD = libtdevhost.la libtdsdk.la
