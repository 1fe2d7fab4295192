libtdevhost_la_SOURCES += host/conf/conf.c host/conf/conf.h
libtdevhost_la_SOURCES += host/conf/internal.h
libtdevhost_la_SOURCES += host/conf/layer.c
libtdevhost_la_SOURCES += host/conf/part.c
libtdevhost_la_SOURCES += host/conf/print.c
libtdevhost_la_SOURCES += host/conf/rows.c host/conf/rows.h
libtdevhost_la_SOURCES += host/conf/value.c
