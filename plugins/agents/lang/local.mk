# SPDX-License-Identifier: Apache-2.0
# What the agents that read English and Korean share; its word lists are installed with each of them.
noinst_LTLIBRARIES += liblang.la
liblang_la_SOURCES = plugins/agents/lang/act.c plugins/agents/lang/compound.c plugins/agents/lang/data.c plugins/agents/lang/english.c plugins/agents/lang/frame.c \
    plugins/agents/lang/hangul.c plugins/agents/lang/korean.c plugins/agents/lang/lang.h \
    plugins/agents/lang/lexicon.c plugins/agents/lang/lexicon.h plugins/agents/lang/name.c \
    plugins/agents/lang/naming.c plugins/agents/lang/naming.h plugins/agents/lang/naming_english.c \
    plugins/agents/lang/naming_korean.c \
    plugins/agents/lang/negation.c plugins/agents/lang/phrase.c plugins/agents/lang/span.c \
    plugins/agents/lang/token.c plugins/agents/lang/utf8.c
liblang_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
liblang_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(UTF8PROC_CFLAGS)
liblang_la_LIBADD = $(UTF8PROC_LIBS)

lang_words = plugins/agents/lang/data/english.json plugins/agents/lang/data/features.json \
    plugins/agents/lang/data/frames.json plugins/agents/lang/data/korean.json plugins/agents/lang/data/naming.json \
    plugins/agents/lang/data/words.json
EXTRA_DIST += $(lang_words) plugins/agents/lang/README.md
