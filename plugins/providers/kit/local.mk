# SPDX-License-Identifier: Apache-2.0
# What the wires share; linked into each of them, no symbol of it leaves them.
noinst_LTLIBRARIES += libwire.la
libwire_la_SOURCES = plugins/providers/kit/fault.c plugins/providers/kit/fault.h \
    plugins/providers/kit/places.c plugins/providers/kit/places.h plugins/providers/kit/request.c \
    plugins/providers/kit/request.h plugins/providers/kit/wire.c plugins/providers/kit/wire.h
libwire_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/providers
libwire_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
libwire_la_LIBADD = $(JANSSON_LIBS)

# How a wire is built.
TD_WIRE_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/providers
TD_WIRE_LIBADD = libwire.la $(TD_PLUGIN_LIBADD)

# Paths with a model in them, words that depend on it, what parts carry with them, and wires on which only two speak.
libwire_la_SOURCES += plugins/providers/kit/data.c plugins/providers/kit/data.h \
    plugins/providers/kit/dialect.c plugins/providers/kit/dialect.h \
    plugins/providers/kit/turns.c plugins/providers/kit/turns.h
