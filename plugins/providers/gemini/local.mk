# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/providers/gemini/gemini.la
nobase_dist_plugin_DATA += plugins/providers/gemini/plugin.yaml plugins/providers/gemini/README.md
plugins_providers_gemini_gemini_la_SOURCES = \
    plugins/providers/gemini/content.c \
    plugins/providers/gemini/embed.c \
    plugins/providers/gemini/failure.c \
    plugins/providers/gemini/gemini.c \
    plugins/providers/gemini/gemini.h \
    plugins/providers/gemini/reply.c \
    plugins/providers/gemini/request.c \
    plugins/providers/gemini/schema.c \
    plugins/providers/gemini/stream.c
plugins_providers_gemini_gemini_la_CPPFLAGS = $(TD_WIRE_CPPFLAGS)
plugins_providers_gemini_gemini_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_providers_gemini_gemini_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_providers_gemini_gemini_la_LIBADD = $(TD_WIRE_LIBADD)
