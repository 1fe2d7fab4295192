nobase_plugin_LTLIBRARIES += plugins/patterns/orchestrator/orchestrator.la
nobase_dist_plugin_DATA += plugins/patterns/orchestrator/plugin.yaml plugins/patterns/orchestrator/conform.yaml \
    plugins/patterns/orchestrator/README.md
plugins_patterns_orchestrator_orchestrator_la_SOURCES = plugins/patterns/orchestrator/orchestrator.c
plugins_patterns_orchestrator_orchestrator_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_orchestrator_orchestrator_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_orchestrator_orchestrator_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_orchestrator_orchestrator_la_LIBADD = $(TD_COMPOSE_LIBADD)
