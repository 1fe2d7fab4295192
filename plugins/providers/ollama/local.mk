# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/providers/ollama/ollama.la
nobase_dist_plugin_DATA += plugins/providers/ollama/plugin.yaml plugins/providers/ollama/README.md
plugins_providers_ollama_ollama_la_SOURCES = plugins/providers/ollama/ollama.c plugins/providers/ollama/ollama.h \
    plugins/providers/ollama/reply.c plugins/providers/ollama/request.c plugins/providers/ollama/stream.c
plugins_providers_ollama_ollama_la_CPPFLAGS = $(TD_WIRE_CPPFLAGS)
plugins_providers_ollama_ollama_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_providers_ollama_ollama_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_providers_ollama_ollama_la_LIBADD = $(TD_WIRE_LIBADD)
