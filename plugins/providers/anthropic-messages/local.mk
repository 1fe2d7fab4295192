# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/providers/anthropic-messages/anthropic-messages.la
nobase_dist_plugin_DATA += plugins/providers/anthropic-messages/plugin.yaml plugins/providers/anthropic-messages/README.md
plugins_providers_anthropic_messages_anthropic_messages_la_SOURCES = \
    plugins/providers/anthropic-messages/anthropic.c \
    plugins/providers/anthropic-messages/anthropic.h \
    plugins/providers/anthropic-messages/block.c \
    plugins/providers/anthropic-messages/content.c \
    plugins/providers/anthropic-messages/failure.c \
    plugins/providers/anthropic-messages/reasoning.c \
    plugins/providers/anthropic-messages/reply.c \
    plugins/providers/anthropic-messages/request.c \
    plugins/providers/anthropic-messages/schema.c \
    plugins/providers/anthropic-messages/stream.c
plugins_providers_anthropic_messages_anthropic_messages_la_CPPFLAGS = $(TD_WIRE_CPPFLAGS)
plugins_providers_anthropic_messages_anthropic_messages_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_providers_anthropic_messages_anthropic_messages_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_providers_anthropic_messages_anthropic_messages_la_LIBADD = $(TD_WIRE_LIBADD)
