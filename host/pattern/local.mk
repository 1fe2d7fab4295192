libtdevhost_la_SOURCES += \
    host/pattern/catalogue.c \
    host/pattern/pattern.c \
    host/pattern/pattern.h \
    host/pattern/recommend.c \
    host/pattern/words.c \
    host/pattern/words.h
