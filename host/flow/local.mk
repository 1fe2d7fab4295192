# SPDX-License-Identifier: Apache-2.0
# Workflows. See docs/flow.md.
libtdevhost_la_SOURCES += host/flow/approval.c
libtdevhost_la_SOURCES += host/flow/batch.c
libtdevhost_la_SOURCES += host/flow/call.c
libtdevhost_la_SOURCES += host/flow/convert.c
libtdevhost_la_SOURCES += host/flow/clerk.c host/flow/clerk.h
libtdevhost_la_SOURCES += host/flow/cron.c host/flow/cron.h
libtdevhost_la_SOURCES += host/flow/chain_read.c host/flow/chain.h
libtdevhost_la_SOURCES += host/flow/chain_write.c host/flow/chain_write.h \
    host/flow/chain_group.c \
    host/flow/chain_link.c \
    host/flow/chain_name.c \
    host/flow/chain_report.c
libtdevhost_la_SOURCES += host/flow/chain_tune.c host/flow/chain_tune.h \
    host/flow/chain_tune_flow.c \
    host/flow/chain_tune_group.c \
    host/flow/chain_tune_read.c \
    host/flow/chain_tune_rule.c
libtdevhost_la_SOURCES += host/flow/critical.c host/flow/critical.h \
    host/flow/critical_json.c
libtdevhost_la_SOURCES += host/flow/declare.c
libtdevhost_la_SOURCES += host/flow/deploy.c
libtdevhost_la_SOURCES += host/flow/diff.c
libtdevhost_la_SOURCES += host/flow/draw.c
libtdevhost_la_SOURCES += host/flow/dsl.h host/flow/dsl_edge.c host/flow/dsl_imply.c host/flow/dsl_lex.c \
    host/flow/dsl_line.c host/flow/dsl_out.c host/flow/dsl_out.h host/flow/dsl_read.c host/flow/dsl_write.c host/flow/dsl_write.h host/flow/dsl_write_edge.c
libtdevhost_la_SOURCES += host/flow/edge.c
libtdevhost_la_SOURCES += host/flow/emit.c
libtdevhost_la_SOURCES += host/flow/eval.c
libtdevhost_la_SOURCES += host/flow/file.c
libtdevhost_la_SOURCES += host/flow/files.c
libtdevhost_la_SOURCES += host/flow/fire.c
libtdevhost_la_SOURCES += host/flow/first.c
libtdevhost_la_SOURCES += host/flow/flow.c host/flow/flow.h
libtdevhost_la_SOURCES += host/flow/flows.c host/flow/flows.h \
    host/flow/deployed.c
libtdevhost_la_SOURCES += host/flow/graph.c \
    host/flow/fail.c \
    host/flow/fault.c \
    host/flow/key.c
libtdevhost_la_SOURCES += host/flow/head.c
libtdevhost_la_SOURCES += host/flow/layout.c host/flow/layout.h
libtdevhost_la_SOURCES += host/flow/news.c
libtdevhost_la_SOURCES += host/flow/node.c
libtdevhost_la_SOURCES += host/flow/pace.c host/flow/pace.h
libtdevhost_la_SOURCES += host/flow/name.c host/flow/name.h
libtdevhost_la_SOURCES += host/flow/order.c
libtdevhost_la_SOURCES += host/flow/plan.h
libtdevhost_la_SOURCES += host/flow/read.c
libtdevhost_la_SOURCES += host/flow/reduce.c
libtdevhost_la_SOURCES += host/flow/round.c
libtdevhost_la_SOURCES += host/flow/rule.c
libtdevhost_la_SOURCES += host/flow/save.c
libtdevhost_la_SOURCES += host/flow/scope.c
libtdevhost_la_SOURCES += host/flow/seat.c
libtdevhost_la_SOURCES += host/flow/state.c host/flow/state.h
libtdevhost_la_SOURCES += host/flow/tally.c host/flow/tally.h
libtdevhost_la_SOURCES += host/flow/trigger.c host/flow/trigger.h host/flow/trigger_key.c host/flow/trigger_view.c
libtdevhost_la_SOURCES += host/flow/types.c
libtdevhost_la_SOURCES += host/flow/use.c
libtdevhost_la_SOURCES += host/flow/vars.c
libtdevhost_la_SOURCES += host/flow/walk.c
libtdevhost_la_SOURCES += host/flow/warn.c
libtdevhost_la_SOURCES += host/flow/write.c
libtdevhost_la_SOURCES += host/flow/version.c host/flow/version.h
