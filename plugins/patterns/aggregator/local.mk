nobase_plugin_LTLIBRARIES += plugins/patterns/aggregator/aggregator.la
nobase_dist_plugin_DATA += plugins/patterns/aggregator/plugin.yaml plugins/patterns/aggregator/conform.yaml \
    plugins/patterns/aggregator/README.md
plugins_patterns_aggregator_aggregator_la_SOURCES = plugins/patterns/aggregator/aggregator.c plugins/patterns/aggregator/strategy.c \
    plugins/patterns/aggregator/strategy.h
plugins_patterns_aggregator_aggregator_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_aggregator_aggregator_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_aggregator_aggregator_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_aggregator_aggregator_la_LIBADD = $(TD_PATTERN_LIBADD)
