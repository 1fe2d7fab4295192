# SPDX-License-Identifier: Apache-2.0
libtdevhost_la_SOURCES += \
    host/model/catalogue.c \
    host/model/catalogue.h \
    host/model/dispatch.c \
    host/model/eventstream.c \
    host/model/eventstream.h \
    host/model/fault.c \
    host/model/frames.c \
    host/model/frames.h \
    host/model/gather.c \
    host/model/key.c \
    host/model/model.h \
    host/model/models.c \
    host/model/models.h \
    host/model/price.c \
    host/model/provider.c \
    host/model/providers.h \
    host/model/request.c \
    host/model/served.h \
    host/model/sign.c \
    host/model/sign.h \
    host/model/signer.c \
    host/model/stream.c \
    host/model/wire.c \
    host/model/wire.h
