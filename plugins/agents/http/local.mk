# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/agents/http/http.la
nobase_dist_plugin_DATA += plugins/agents/http/plugin.yaml plugins/agents/http/conform.yaml \
    plugins/agents/http/README.md
plugins_agents_http_http_la_SOURCES = plugins/agents/http/action.c plugins/agents/http/http.c \
    plugins/agents/http/http.h plugins/agents/http/reply.c plugins/agents/http/request.c
plugins_agents_http_http_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
plugins_agents_http_http_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_http_http_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_http_http_la_LIBADD = $(TD_PLUGIN_LIBADD)
