nobase_plugin_LTLIBRARIES += plugins/patterns/request-reply/request-reply.la
nobase_dist_plugin_DATA += plugins/patterns/request-reply/plugin.yaml plugins/patterns/request-reply/conform.yaml \
    plugins/patterns/request-reply/README.md
plugins_patterns_request_reply_request_reply_la_SOURCES = plugins/patterns/request-reply/request-reply.c
plugins_patterns_request_reply_request_reply_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_request_reply_request_reply_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_request_reply_request_reply_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_request_reply_request_reply_la_LIBADD = $(TD_PATTERN_LIBADD)
