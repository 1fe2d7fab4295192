# How a planner and workers go on; of the patterns supervisor and teams.
noinst_LTLIBRARIES += libcrew.la
libcrew_la_SOURCES = \
    plugins/patterns/supervisor/crew.c \
    plugins/patterns/supervisor/crew.h \
    plugins/patterns/supervisor/crew_read.c \
    plugins/patterns/supervisor/subtask.c \
    plugins/patterns/supervisor/subtask.h
libcrew_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
libcrew_la_CFLAGS = $(TD_PLUGIN_CFLAGS)

nobase_plugin_LTLIBRARIES += plugins/patterns/supervisor/supervisor.la
nobase_dist_plugin_DATA += plugins/patterns/supervisor/plugin.yaml plugins/patterns/supervisor/conform.yaml \
    plugins/patterns/supervisor/README.md
plugins_patterns_supervisor_supervisor_la_SOURCES = plugins/patterns/supervisor/supervisor.c
plugins_patterns_supervisor_supervisor_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_supervisor_supervisor_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_supervisor_supervisor_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_supervisor_supervisor_la_LIBADD = libcrew.la $(TD_PATTERN_LIBADD)
