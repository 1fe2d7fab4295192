# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/providers/cohere-v2/cohere-v2.la
nobase_dist_plugin_DATA += plugins/providers/cohere-v2/plugin.yaml plugins/providers/cohere-v2/README.md
plugins_providers_cohere_v2_cohere_v2_la_SOURCES = plugins/providers/cohere-v2/cohere.c \
    plugins/providers/cohere-v2/cohere.h plugins/providers/cohere-v2/embed.c plugins/providers/cohere-v2/reply.c \
    plugins/providers/cohere-v2/request.c plugins/providers/cohere-v2/stream.c
plugins_providers_cohere_v2_cohere_v2_la_CPPFLAGS = $(TD_WIRE_CPPFLAGS)
plugins_providers_cohere_v2_cohere_v2_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_providers_cohere_v2_cohere_v2_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_providers_cohere_v2_cohere_v2_la_LIBADD = $(TD_WIRE_LIBADD)
