nobase_plugin_LTLIBRARIES += plugins/patterns/consensus/consensus.la
nobase_dist_plugin_DATA += plugins/patterns/consensus/plugin.yaml plugins/patterns/consensus/conform.yaml \
    plugins/patterns/consensus/README.md
plugins_patterns_consensus_consensus_la_SOURCES = plugins/patterns/consensus/consensus.c
plugins_patterns_consensus_consensus_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_consensus_consensus_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_consensus_consensus_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_consensus_consensus_la_LIBADD = $(TD_PATTERN_LIBADD)
