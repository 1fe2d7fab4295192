nobase_plugin_LTLIBRARIES += plugins/patterns/router/router.la
nobase_dist_plugin_DATA += plugins/patterns/router/plugin.yaml plugins/patterns/router/conform.yaml \
    plugins/patterns/router/README.md
plugins_patterns_router_router_la_SOURCES = plugins/patterns/router/router.c
plugins_patterns_router_router_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_router_router_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_router_router_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_router_router_la_LIBADD = $(TD_PATTERN_LIBADD)
