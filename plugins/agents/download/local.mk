# SPDX-License-Identifier: Apache-2.0
tdev_agent_downloaddir = $(pkglibdir)/plugins/agents/download
tdev_agent_download_LTLIBRARIES = plugins/agents/download/download.la
dist_tdev_agent_download_DATA = plugins/agents/download/plugin.yaml plugins/agents/download/conform.yaml \
    plugins/agents/download/README.md
plugins_agents_download_download_la_SOURCES = \
    plugins/agents/download/archive.c \
    plugins/agents/download/archive.h \
    plugins/agents/download/disk.c \
    plugins/agents/download/disk.h \
    plugins/agents/download/download.c \
    plugins/agents/download/own.c \
    plugins/agents/download/own.h \
    plugins/agents/download/pack.c \
    plugins/agents/download/pack.h \
    plugins/agents/download/publish.c \
    plugins/agents/download/sbom.c \
    plugins/agents/download/sbom.h \
    plugins/agents/download/tree.c \
    plugins/agents/download/tree.h
plugins_agents_download_download_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents
plugins_agents_download_download_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(ARCHIVE_CFLAGS) $(CRYPTO_CFLAGS)
plugins_agents_download_download_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_download_download_la_LIBADD = libkit.la $(TD_PLUGIN_LIBADD) $(ARCHIVE_LIBS) $(CRYPTO_LIBS) -lpthread
