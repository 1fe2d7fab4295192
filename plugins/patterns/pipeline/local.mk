nobase_plugin_LTLIBRARIES += plugins/patterns/pipeline/pipeline.la
nobase_dist_plugin_DATA += plugins/patterns/pipeline/plugin.yaml plugins/patterns/pipeline/conform.yaml \
    plugins/patterns/pipeline/README.md
plugins_patterns_pipeline_pipeline_la_SOURCES = plugins/patterns/pipeline/pipeline.c
plugins_patterns_pipeline_pipeline_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_pipeline_pipeline_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_pipeline_pipeline_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_pipeline_pipeline_la_LIBADD = $(TD_PATTERN_LIBADD)
