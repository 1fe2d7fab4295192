libtdevhost_la_SOURCES += \
    host/pattern/pattern.c \
    host/pattern/pattern.h
