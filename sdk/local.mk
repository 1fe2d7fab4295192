noinst_LTLIBRARIES += libtdsdk.la
libtdsdk_la_SOURCES = sdk/lib/err.c
