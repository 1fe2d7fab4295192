libtdevhost_la_SOURCES += host/base/arena.c host/base/arena.h
