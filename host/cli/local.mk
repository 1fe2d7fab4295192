libtdevhost_la_SOURCES += \
    host/cli/agent.c \
    host/cli/build.c \
    host/cli/cli.c \
    host/cli/cli.h \
    host/cli/config.c \
    host/cli/conform.c \
    host/cli/conform.h \
    host/cli/conform_agent.c \
    host/cli/conform_life.c \
    host/cli/conform_pattern.c \
    host/cli/conform_run.c \
    host/cli/conform_storage.c \
    host/cli/conform_storage.h \
    host/cli/conform_stream.c \
    host/cli/conform_value.c \
    host/cli/conform_work.c \
    host/cli/doctor.c \
    host/cli/expr.c \
    host/cli/follow.c \
    host/cli/follow.h \
    host/cli/new.c \
    host/cli/plugin.c \
    host/cli/run.c \
    host/cli/runs.c \
    host/cli/schema.c \
    host/cli/verbs.c \
    host/cli/workflow.c
