nobase_plugin_LTLIBRARIES += plugins/patterns/voting/voting.la
nobase_dist_plugin_DATA += plugins/patterns/voting/plugin.yaml plugins/patterns/voting/conform.yaml \
    plugins/patterns/voting/README.md
plugins_patterns_voting_voting_la_SOURCES = plugins/patterns/voting/voting.c
plugins_patterns_voting_voting_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_voting_voting_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_voting_voting_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_voting_voting_la_LIBADD = $(TD_PATTERN_LIBADD)
