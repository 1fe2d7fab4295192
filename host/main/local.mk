libtdevhost_la_SOURCES += \
    host/main/agents.c \
    host/main/daemon.c \
    host/main/host.c \
    host/main/hotplug.c \
    host/main/keep.c \
    host/main/main.h \
    host/main/models.c \
    host/main/plugins.c \
    host/main/policies.c \
    host/main/programs.c \
    host/main/requests.c \
    host/main/serve.c \
    host/main/services.h \
    host/main/services.c \
    host/main/tell.c \
    host/main/tend.c

bin_PROGRAMS += tdev tdevd
tdev_SOURCES = host/main/end.c host/main/end.h host/main/tdev.c
tdev_LDADD = libtdevhost.la libtdsdk.la
tdevd_SOURCES = host/main/end.c host/main/end.h host/main/tdevd.c
tdevd_LDADD = libtdevhost.la libtdsdk.la $(TLS_LIBS)

# What an isolated plugin runs in; no command for people.
pkglibexecdir = $(libexecdir)/tdev
pkglibexec_PROGRAMS = tdev-runner
tdev_runner_SOURCES = host/main/runner.c
tdev_runner_LDADD = libtdevhost.la libtdsdk.la $(SECCOMP_LIBS)
