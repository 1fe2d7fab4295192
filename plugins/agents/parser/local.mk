# SPDX-License-Identifier: Apache-2.0
tdev_agent_parserdir = $(pkglibdir)/plugins/agents/parser
tdev_agent_parser_LTLIBRARIES = plugins/agents/parser/parser.la
dist_tdev_agent_parser_DATA = plugins/agents/parser/plugin.yaml plugins/agents/parser/conform.yaml \
    plugins/agents/parser/README.md
tdev_agent_parserdatadir = $(pkglibdir)/plugins/agents/parser/data
dist_tdev_agent_parserdata_DATA = plugins/agents/parser/data/fields.json plugins/agents/parser/data/stories.json \
    plugins/agents/parser/data/types.json $(lang_words)
# All but the plugin itself, for the tests.
parse_sources = \
    plugins/agents/parser/build.c \
    plugins/agents/parser/complete.c \
    plugins/agents/parser/declare.c \
    plugins/agents/parser/emit.c \
    plugins/agents/parser/english.c \
    plugins/agents/parser/english.h \
    plugins/agents/parser/english_act.c \
    plugins/agents/parser/english_behind.c \
    plugins/agents/parser/english_item.c \
    plugins/agents/parser/english_link.c \
    plugins/agents/parser/english_list.c \
    plugins/agents/parser/english_manage.c \
    plugins/agents/parser/english_say.c \
    plugins/agents/parser/english_view.c \
    plugins/agents/parser/english_who.c \
    plugins/agents/parser/english_whose.c \
    plugins/agents/parser/entity.c \
    plugins/agents/parser/feature.c \
    plugins/agents/parser/field.c \
    plugins/agents/parser/field_name.c \
    plugins/agents/parser/item.c \
    plugins/agents/parser/korean.c \
    plugins/agents/parser/korean.h \
    plugins/agents/parser/korean_act.c \
    plugins/agents/parser/korean_ask.c \
    plugins/agents/parser/korean_deed.c \
    plugins/agents/parser/korean_each.c \
    plugins/agents/parser/overdue.c \
    plugins/agents/parser/korean_item.c \
    plugins/agents/parser/korean_say.c \
    plugins/agents/parser/korean_trim.c \
    plugins/agents/parser/korean_verb.c \
    plugins/agents/parser/label.c \
    plugins/agents/parser/level.c \
    plugins/agents/parser/list.c \
    plugins/agents/parser/model.h \
    plugins/agents/parser/modifier.c \
    plugins/agents/parser/parse.c \
    plugins/agents/parser/parse.h \
    plugins/agents/parser/part.c \
    plugins/agents/parser/reading.c \
    plugins/agents/parser/reading.h \
    plugins/agents/parser/rules.c \
    plugins/agents/parser/rules.h \
    plugins/agents/parser/self.c \
    plugins/agents/parser/story.c \
    plugins/agents/parser/topic.c \
    plugins/agents/parser/wish.c
plugins_agents_parser_parser_la_SOURCES = plugins/agents/parser/parser.c $(parse_sources)
plugins_agents_parser_parser_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents/lang
plugins_agents_parser_parser_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(UTF8PROC_CFLAGS)
plugins_agents_parser_parser_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_parser_parser_la_LIBADD = liblang.la $(TD_PLUGIN_LIBADD) $(UTF8PROC_LIBS)
