# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/providers/openai-responses/openai-responses.la
nobase_dist_plugin_DATA += plugins/providers/openai-responses/plugin.yaml plugins/providers/openai-responses/README.md
plugins_providers_openai_responses_openai_responses_la_SOURCES = plugins/providers/openai-responses/input.c \
    plugins/providers/openai-responses/item.c plugins/providers/openai-responses/reply.c \
    plugins/providers/openai-responses/request.c plugins/providers/openai-responses/responses.c \
    plugins/providers/openai-responses/responses.h plugins/providers/openai-responses/stream.c
plugins_providers_openai_responses_openai_responses_la_CPPFLAGS = $(TD_WIRE_CPPFLAGS)
plugins_providers_openai_responses_openai_responses_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_providers_openai_responses_openai_responses_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_providers_openai_responses_openai_responses_la_LIBADD = $(TD_WIRE_LIBADD)
