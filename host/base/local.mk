libtdevhost_la_SOURCES += host/base/arena.c host/base/arena.h
libtdevhost_la_SOURCES += host/base/buf.c host/base/buf.h
libtdevhost_la_SOURCES += host/base/file.c
libtdevhost_la_SOURCES += host/base/json.c host/base/json.h
libtdevhost_la_SOURCES += host/base/json_write.c
