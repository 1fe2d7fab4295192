libtdevhost_la_SOURCES += \
    host/runtime/blocking.c \
    host/runtime/channel.c \
    host/runtime/charge.c \
    host/runtime/charge.h \
    host/runtime/co.c \
    host/runtime/descriptor.c \
    host/runtime/holder.c \
    host/runtime/hop.c \
    host/runtime/internal.h \
    host/runtime/lookout.c \
    host/runtime/runtime.c \
    host/runtime/runtime.h \
    host/runtime/stack.c \
    host/runtime/switch.c \
    host/runtime/timer.c \
    host/runtime/worker.c
