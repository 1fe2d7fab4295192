# SPDX-License-Identifier: Apache-2.0
libtdevhost_la_SOURCES += \
    host/security/base64.c \
    host/security/internal.h \
    host/security/key.c \
    host/security/listing.c \
    host/security/security.h \
    host/security/signature.c \
    host/security/trust.c
