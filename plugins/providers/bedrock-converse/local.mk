# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/providers/bedrock-converse/bedrock-converse.la
nobase_dist_plugin_DATA += plugins/providers/bedrock-converse/plugin.yaml plugins/providers/bedrock-converse/README.md
plugins_providers_bedrock_converse_bedrock_converse_la_SOURCES = plugins/providers/bedrock-converse/converse.c \
    plugins/providers/bedrock-converse/converse.h plugins/providers/bedrock-converse/embed.c \
    plugins/providers/bedrock-converse/family.c plugins/providers/bedrock-converse/fault.c \
    plugins/providers/bedrock-converse/parts.c plugins/providers/bedrock-converse/reply.c \
    plugins/providers/bedrock-converse/request.c plugins/providers/bedrock-converse/stream.c \
    plugins/providers/bedrock-converse/tools.c
plugins_providers_bedrock_converse_bedrock_converse_la_CPPFLAGS = $(TD_WIRE_CPPFLAGS)
plugins_providers_bedrock_converse_bedrock_converse_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_providers_bedrock_converse_bedrock_converse_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_providers_bedrock_converse_bedrock_converse_la_LIBADD = $(TD_WIRE_LIBADD)
