nobase_plugin_LTLIBRARIES += plugins/patterns/teams/teams.la
nobase_dist_plugin_DATA += plugins/patterns/teams/plugin.yaml plugins/patterns/teams/conform.yaml \
    plugins/patterns/teams/README.md
plugins_patterns_teams_teams_la_SOURCES = plugins/patterns/teams/teams.c
plugins_patterns_teams_teams_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_teams_teams_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_teams_teams_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_teams_teams_la_LIBADD = libcrew.la $(TD_PATTERN_LIBADD)
