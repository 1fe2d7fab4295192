# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/providers/openai-chat/openai-chat.la
nobase_dist_plugin_DATA += plugins/providers/openai-chat/plugin.yaml plugins/providers/openai-chat/README.md
plugins_providers_openai_chat_openai_chat_la_SOURCES = plugins/providers/openai-chat/embed.c \
    plugins/providers/openai-chat/openai.c plugins/providers/openai-chat/openai.h \
    plugins/providers/openai-chat/reply.c plugins/providers/openai-chat/request.c \
    plugins/providers/openai-chat/stream.c
plugins_providers_openai_chat_openai_chat_la_CPPFLAGS = $(TD_WIRE_CPPFLAGS)
plugins_providers_openai_chat_openai_chat_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_providers_openai_chat_openai_chat_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_providers_openai_chat_openai_chat_la_LIBADD = $(TD_WIRE_LIBADD)
