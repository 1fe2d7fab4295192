# SPDX-License-Identifier: Apache-2.0
# What the patterns share; linked into each of them, no symbol of it leaves them.
noinst_LTLIBRARIES += libpattern.la
libpattern_la_SOURCES = \
    plugins/patterns/kit/kit.h \
    plugins/patterns/kit/member.c \
    plugins/patterns/kit/plan.c \
    plugins/patterns/kit/rule.c \
    plugins/patterns/kit/state.c \
    plugins/patterns/kit/tally.c \
    plugins/patterns/kit/tally.h \
    plugins/patterns/kit/value.c
libpattern_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
libpattern_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
libpattern_la_LIBADD = $(JANSSON_LIBS)

# Members put together: of the patterns sequence, parallel, branch and orchestrator.
noinst_LTLIBRARIES += libcompose.la
libcompose_la_SOURCES = \
    plugins/patterns/kit/compose.c \
    plugins/patterns/kit/compose.h \
    plugins/patterns/kit/compose_read.c
libcompose_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
libcompose_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
EXTRA_DIST += plugins/patterns/kit/README.md

# How a pattern is built.
TD_PATTERN_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/patterns
TD_PATTERN_LIBADD = libpattern.la $(TD_PLUGIN_LIBADD)
TD_COMPOSE_LIBADD = libcompose.la $(TD_PATTERN_LIBADD)
