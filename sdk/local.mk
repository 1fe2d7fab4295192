# libtdsdk: what a plugin links. Built twice: for the tree (inside other libraries), and as the archive that authors get.
libtdsdk_sources = sdk/lib/err.c

noinst_LTLIBRARIES += libtdsdk.la
libtdsdk_la_SOURCES = $(libtdsdk_sources)
libtdsdk_la_CFLAGS = $(TD_PLUGIN_CFLAGS)

lib_LIBRARIES += libtdsdk.a
libtdsdk_a_SOURCES = $(libtdsdk_sources)
libtdsdk_a_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
libtdsdk_a_CFLAGS = $(TD_PLUGIN_CFLAGS) -fPIC

tdevincludedir = $(includedir)/tdev
tdevinclude_HEADERS = \
    sdk/include/tdev/ctx.h \
    sdk/include/tdev/err.h \
    sdk/include/tdev/plugin.h \
    sdk/include/tdev/reducer.h \
    sdk/include/tdev/storage.h

nodist_pkgconfig_DATA = sdk/tdev-sdk.pc
