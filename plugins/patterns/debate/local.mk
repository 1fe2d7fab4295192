nobase_plugin_LTLIBRARIES += plugins/patterns/debate/debate.la
nobase_dist_plugin_DATA += plugins/patterns/debate/plugin.yaml plugins/patterns/debate/conform.yaml \
    plugins/patterns/debate/README.md
plugins_patterns_debate_debate_la_SOURCES = plugins/patterns/debate/debate.c
plugins_patterns_debate_debate_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_debate_debate_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_debate_debate_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_debate_debate_la_LIBADD = $(TD_PATTERN_LIBADD)
