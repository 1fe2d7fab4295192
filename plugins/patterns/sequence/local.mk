nobase_plugin_LTLIBRARIES += plugins/patterns/sequence/sequence.la
nobase_dist_plugin_DATA += plugins/patterns/sequence/plugin.yaml plugins/patterns/sequence/conform.yaml \
    plugins/patterns/sequence/README.md
plugins_patterns_sequence_sequence_la_SOURCES = plugins/patterns/sequence/sequence.c
plugins_patterns_sequence_sequence_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_sequence_sequence_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_sequence_sequence_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_sequence_sequence_la_LIBADD = $(TD_COMPOSE_LIBADD)
