# libtdsdk: what a plugin links. Built twice: for the tree (inside other libraries), and as the archive that authors get.
libtdsdk_sources = sdk/lib/err.c

noinst_LTLIBRARIES += libtdsdk.la
libtdsdk_la_SOURCES = $(libtdsdk_sources)
libtdsdk_la_CFLAGS = $(TD_PLUGIN_CFLAGS)

lib_LIBRARIES += libtdsdk.a
libtdsdk_a_SOURCES = $(libtdsdk_sources)
libtdsdk_a_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
libtdsdk_a_CFLAGS = $(TD_PLUGIN_CFLAGS) -fPIC

# libtdtest: the fake host for the unit tests of plugins. An archive only: it is linked into programs.
lib_LIBRARIES += libtdtest.a
libtdtest_a_SOURCES = \
    sdk/test/fold.c \
    sdk/test/internal.h \
    sdk/test/options.c \
    sdk/test/outside.c \
    sdk/test/role.c \
    sdk/test/services.c \
    sdk/test/state.c \
    sdk/test/store.c \
    sdk/test/test.c \
    sdk/test/value.c
libtdtest_a_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
libtdtest_a_CFLAGS = $(TD_PLUGIN_CFLAGS) -fPIC

tdevincludedir = $(includedir)/tdev
tdevinclude_HEADERS = \
    sdk/include/tdev/ctx.h \
    sdk/include/tdev/err.h \
    sdk/include/tdev/plugin.h \
    sdk/include/tdev/provider.h \
    sdk/include/tdev/reducer.h \
    sdk/include/tdev/storage.h \
    sdk/include/tdev/test.h

nodist_pkgconfig_DATA = sdk/tdev-sdk.pc sdk/tdev-test.pc
