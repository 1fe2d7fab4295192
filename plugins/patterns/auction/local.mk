nobase_plugin_LTLIBRARIES += plugins/patterns/auction/auction.la
nobase_dist_plugin_DATA += plugins/patterns/auction/plugin.yaml plugins/patterns/auction/conform.yaml \
    plugins/patterns/auction/README.md
plugins_patterns_auction_auction_la_SOURCES = plugins/patterns/auction/auction.c
plugins_patterns_auction_auction_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_auction_auction_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_auction_auction_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_auction_auction_la_LIBADD = $(TD_PATTERN_LIBADD)
