nobase_plugin_LTLIBRARIES += plugins/patterns/election/election.la
nobase_dist_plugin_DATA += plugins/patterns/election/plugin.yaml plugins/patterns/election/conform.yaml \
    plugins/patterns/election/README.md
plugins_patterns_election_election_la_SOURCES = plugins/patterns/election/election.c
plugins_patterns_election_election_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_election_election_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_election_election_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_election_election_la_LIBADD = $(TD_PATTERN_LIBADD)
