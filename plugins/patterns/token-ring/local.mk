nobase_plugin_LTLIBRARIES += plugins/patterns/token-ring/token-ring.la
nobase_dist_plugin_DATA += plugins/patterns/token-ring/plugin.yaml plugins/patterns/token-ring/conform.yaml \
    plugins/patterns/token-ring/README.md
plugins_patterns_token_ring_token_ring_la_SOURCES = plugins/patterns/token-ring/token-ring.c
plugins_patterns_token_ring_token_ring_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_token_ring_token_ring_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_token_ring_token_ring_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_token_ring_token_ring_la_LIBADD = $(TD_PATTERN_LIBADD)
