libtdevhost_la_SOURCES += \
    host/model/estimate.c \
    host/model/fault.c \
    host/model/frames.c \
    host/model/frames.h \
    host/model/gather.c \
    host/model/model.h \
    host/model/request.c \
    host/model/stream.c \
    host/model/wire.c \
    host/model/wire.h
