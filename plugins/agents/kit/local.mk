# SPDX-License-Identifier: Apache-2.0
# What the agents that build an app share; linked into each of them, no symbol of it leaves them.
noinst_LTLIBRARIES += libkit.la
libkit_la_SOURCES = \
    plugins/agents/kit/catalogue.c plugins/agents/kit/catalogue.h \
    plugins/agents/kit/component.c \
    plugins/agents/kit/file.c plugins/agents/kit/file.h \
    plugins/agents/kit/json.c plugins/agents/kit/json.h \
    plugins/agents/kit/path.c plugins/agents/kit/path.h \
    plugins/agents/kit/project.c plugins/agents/kit/project.h \
    plugins/agents/kit/resolve.c plugins/agents/kit/resolve.h \
    plugins/agents/kit/sha256.c plugins/agents/kit/sha256.h \
    plugins/agents/kit/text.c plugins/agents/kit/text.h \
    plugins/agents/kit/write.c plugins/agents/kit/write.h \
    plugins/agents/kit/yaml.c plugins/agents/kit/yaml.h
libkit_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents
libkit_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(YAML_CFLAGS) $(CRYPTO_CFLAGS)
libkit_la_LIBADD = $(YAML_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)
EXTRA_DIST += plugins/agents/kit/README.md
