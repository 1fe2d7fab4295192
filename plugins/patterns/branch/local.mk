nobase_plugin_LTLIBRARIES += plugins/patterns/branch/branch.la
nobase_dist_plugin_DATA += plugins/patterns/branch/plugin.yaml plugins/patterns/branch/conform.yaml \
    plugins/patterns/branch/README.md
plugins_patterns_branch_branch_la_SOURCES = plugins/patterns/branch/branch.c
plugins_patterns_branch_branch_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_branch_branch_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_branch_branch_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_branch_branch_la_LIBADD = $(TD_COMPOSE_LIBADD)
