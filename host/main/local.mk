libtdevhost_la_SOURCES += \
    host/main/host.c \
    host/main/main.h \
    host/main/services.c

bin_PROGRAMS += tdev
tdev_SOURCES = host/main/end.c host/main/end.h host/main/tdev.c
tdev_LDADD = libtdevhost.la libtdsdk.la
