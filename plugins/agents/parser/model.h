/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model: the app's model while it is built. One allocation of a fixed size holds all of it; what is
 * past the limits is noted as not built. Texts are spans of the request or strings of the data
 * files.
 */
#ifndef PA_MODEL_H
#define PA_MODEL_H

#include "reading.h"

#define PA_FEATURES 32
#define PA_WISHES 64
#define PA_RELATIONS 64
#define PA_NAME 64

/* Where something was read: words of the request, or, when `frame` is set, what is known about such
 * things. */
struct pa_from {
    struct lang_span words;
    const char *frame;
};

struct pa_field {
    char name[PA_NAME];
    struct lang_span label;
    const char *type, *role, *unit, *currency, *feature;
    const json_t *options;             /* of a data file, or NULL */
    size_t option_first, option_count; /* of the request */
    size_t target;                     /* an entity, of a relation */
    bool is_many, is_open, is_required, has_min, has_max, has_step;
    bool is_label_single; /* the label is to be written in the singular */
    bool is_named;        /* by a noun of the sentence: not a frame's, nor one a feature needs */
    bool is_unknown;      /* no list has its noun: text */
    double min, max, step;
    struct pa_from from;
};

struct pa_entity {
    char name[PA_NAME], plural_name[PA_NAME];
    struct lang_span label;
    bool is_label_of_frame; /* the label is no text of the request */
    const char *head;       /* the singular of the noun's last word */
    const struct lang_frame *frame;
    const char *value; /* the type of field its noun would be ("score": number), or NULL */
    struct pa_field fields[PA_FIELDS];
    size_t field_count;
    size_t title;     /* a field */
    bool is_declared; /* the request lists all its fields */
    struct pa_from from;
};

struct pa_relation {
    size_t from, to, field;
};

struct pa_feature {
    const char *name;
    struct lang_span from;
};

/* What is wished for and not built. `reason` is NULL when it is just outside of what is built. */
struct pa_wish {
    char name[PA_NAME];
    struct lang_span from;
    const char *reason;
};

struct pa_model {
    struct pa_reading *reading;
    const struct pa_limits *limits;
    const json_t *constraints; /* of the understanding; may be NULL */
    struct pa_entity entities[PA_ENTITIES];
    size_t entity_count;
    bool has_topic;                       /* the request says what the app is for */
    const struct lang_frame *topic_frame; /* of what it is for, or NULL */
    size_t main; /* the entity the app is about; PA_NONE while there is none */
    struct pa_relation relations[PA_RELATIONS];
    size_t relation_count;
    struct pa_feature features[PA_FEATURES];
    size_t feature_count;
    struct pa_wish wishes[PA_WISHES];
    size_t wish_count;
};

/* ---- item.c: what an item says ---- */

/** The words of an item's phrase, the last one without its particle. */
struct lang_span pa_label_of(const struct pa_reading *reading, const struct pa_item *item);
/** All words of an item. */
struct lang_span pa_words_of(const struct pa_reading *reading, const struct pa_item *item);
/** The frame its words name, or NULL; ret_match may be NULL. */
const struct lang_frame *pa_item_frame(const struct pa_reading *reading, const struct pa_item *item,
                                       struct lang_frame_match *ret_match);
/** Whether the item is an entity by itself; `list_count` items stand in its list, `has_attributes`:
 * fields among them. */
bool pa_item_is_thing(const struct pa_reading *reading, const struct pa_item *item,
                      size_t list_count, bool has_attributes);
/** Whether it is so many of something: "hours of sleep". */
bool pa_item_is_quantity(const struct pa_reading *reading, const struct pa_item *item);
/** "the app", "my list": whether it names nothing. */
bool pa_item_is_app_word(const struct pa_reading *reading, const struct pa_item *item);
/** Whether its words are those of a field. */
bool pa_item_is_attribute(const struct pa_reading *reading, const struct pa_item *item);
/** Whether the list in its parentheses names fields. */
bool pa_item_lists_fields(const struct pa_reading *reading, const struct pa_item *item);
/** The end of the piece of such a list that begins at `at`: its comma. */
size_t pa_piece_end(const struct pa_reading *reading, size_t at, size_t end);
/** Whether all its words were used by features or wished away. */
bool pa_item_is_void(const struct pa_reading *reading, const struct pa_item *item);

/* ---- list.c ---- */

/** Tells of every statement what its list is as a whole, and of the request whether it has a topic.
 */
void pa_weigh_lists(struct pa_model *model);
/** Whether it is a text that is written about other things: "comments", "후기". */
bool pa_item_is_about(const struct pa_reading *reading, const struct pa_item *item);

/** Whether it is what a feature works on: "due dates", "ratings". */
bool pa_item_is_of_feature(const struct pa_reading *reading, const struct pa_item *item);

/* ---- field.c ---- */

/** Adds a field for an item to an entity, unless it has one of that name; notes what is past the
 * limit. */
void pa_add_item_field(struct pa_model *model, size_t entity, const struct pa_item *item);
/** Adds a field of the data files; `from` as pa_from. */
void pa_add_known_field(struct pa_model *model, size_t entity, const struct pa_type *type,
                        struct pa_from from);
/** is_many: `from` refers to any number of the others. */
void pa_add_relation(struct pa_model *model, size_t from, size_t to, struct lang_span words,
                     bool is_many);
bool pa_has_role(const struct pa_entity *entity, const char *role);

/* ---- self.c ---- */

/** "what was found", "pantry: item, quantity": whether it is the first field that says what the
 * record is, or is called as the thing itself. */
bool pa_item_is_self(const struct pa_model *model, const struct pa_entity *owner,
                     const struct pa_item *item);

/* ---- field_name.c ---- */

/** Sets label and name of a field that an item makes. */
void pa_name_field(const struct pa_model *model, const struct pa_entity *owner,
                   const struct pa_item *item, struct pa_field *field);

/* ---- overdue.c ---- */

/** "when it has to be back", "언제까지": whether a question asks for a date that is due. */
bool pa_asks_due(const struct pa_reading *reading, const struct pa_item *item);
/** Makes the date due that the request calls passed ("반납일이 지나면"); false: no field is it. */
bool pa_give_asked_due(struct pa_model *model);

/* ---- entity.c ---- */

/** The entity an item names, or PA_NONE. */
size_t pa_find_entity(const struct pa_model *model, const struct pa_item *item);
/** The same by the item's last word only: "book" refers to books, "book title" does not. */
size_t pa_find_referred(const struct pa_model *model, const struct pa_item *item);
/** The entity an item names, made if it is not there; PA_NONE when there are as many as the limit.
 */
size_t pa_make_entity(struct pa_model *model, const struct pa_item *item);
/** The same, named by the noun itself, not by what it is about: "warehouse" is no product. */
size_t pa_make_own_entity(struct pa_model *model, const struct pa_item *item);
/** An entity with no noun of the request: a frame's, or, of NULL, just records. */
size_t pa_make_frame_entity(struct pa_model *model, const struct lang_frame *frame,
                            struct lang_span words);
/** The frame of a name, or NULL. */
const struct lang_frame *pa_frame_named(const struct pa_model *model, const char *name);
/* ---- complete.c ---- */

/** The field of a name, or of a role, that such a thing usually has, or NULL. */
const struct pa_type *pa_usual_named(const struct pa_model *model, const struct pa_entity *entity,
                                     const char *name);
const struct pa_type *pa_usual_of_role(const struct pa_model *model, const struct pa_entity *entity,
                                       const char *role);
/** "a sourdough diary", "운동 일지": whether the request is for what is written day by day. */
bool pa_is_log(const struct pa_model *model);
/** Adds what the sentence left out, and chooses the title field. */
void pa_complete_entity(struct pa_model *model, size_t entity);

/* ---- feature.c ---- */

void pa_add_feature(struct pa_model *model, const char *name, struct lang_span from);
void pa_add_wish(struct pa_model *model, const char *name, struct lang_span from,
                 const char *reason);
/** The features and wishes of the phrase lists. */
void pa_add_phrases(struct pa_model *model);
/** Adds the numbers that charts are asked of, where the thing has none of that name. */
void pa_add_charted(struct pa_model *model);
/** Fields the features need, of the thing that each feature's sentence speaks of. */
void pa_imply_fields(struct pa_model *model);
/** A choice to make columns of, when the request asks for a board and the thing has none. */
void pa_imply_columns(struct pa_model *model);
/** What a feature is of when the request does not say: of customers, items and rentals, the rentals
 * are due. */
size_t pa_owner_of_feature(const struct pa_model *model, const char *name);
bool pa_is_excluded(const struct pa_model *model, const char *feature);
/** Whether the feature that fields of a role are for is wished away. */
bool pa_is_role_excluded(const struct pa_model *model, const char *role);

/* ---- wish.c ---- */

/** Whether it asks for something to be done that no list knows: then it is noted as not built,
 * unless it is how a feature is shown. is_thing: it is what the app tracks, unless its end says
 * otherwise. */
bool pa_item_is_wish(struct pa_model *model, const struct pa_item *item, bool is_thing);
/** The same without noting it. */
bool pa_item_asks(const struct pa_reading *reading, const struct pa_item *item, bool is_thing);
/** Whether its words belong to a wish of the lists beside it: "streak freezing". */
bool pa_item_is_beside_wish(const struct pa_reading *reading, const struct pa_item *item);

/* ---- declare.c ---- */

/** "books (title, author)": makes the thing; false: the item is no such. */
bool pa_declare(struct pa_model *model, const struct pa_statement *statement, size_t item);
/** "stock: items (name, price)": whether the item only stands in front of such things. */
bool pa_is_heading(const struct pa_model *model, size_t item);
/** The thing that "belongs to a warehouse" names. */
void pa_make_target(struct pa_model *model, const struct pa_item *item);
/** What a noun refers to, by its own name, else by what it is about; or PA_NONE. */
size_t pa_find_target(const struct pa_model *model, const struct pa_item *item);
/** The fields of an item's list. */
void pa_add_listed_parts(struct pa_model *model, const struct pa_statement *statement, size_t item);

/* ---- topic.c ---- */

/** Makes the thing of an item that the app is for: "a recipe app", not "an app for my bike club"
 * where members have names. */
void pa_make_topic(struct pa_model *model, const struct pa_statement *statement, size_t item);

/* ---- build.c, story.c, emit.c ---- */

void pa_build(struct pa_model *model);
/** Whether an item of "track X, Y" is a thing of its own. */
bool pa_is_managed_thing(const struct pa_model *model, const struct pa_statement *statement,
                         size_t item);
/** "식재료와 유통기한을 관리": whether it is the first of a list, and the others are its fields. */
bool pa_leads_fields(const struct pa_model *model, const struct pa_statement *statement,
                     size_t item);
/** "a pantry app with items, name": whether it is what the app is about. */
bool pa_names_main(const struct pa_model *model, const struct pa_statement *statement,
                   const struct pa_item *item);
/** Whether the statement says that one thing refers to others. */
bool pa_says_relation(const struct pa_statement *statement);
/** "회비 낸 사람": whether it is somebody told by what he did, and no record. */
bool pa_item_is_some_person(const struct pa_model *model, const struct pa_item *item);

/* ---- part.c: called for each item of each statement ---- */

/** A field of what the statement is about, or a relation. */
void pa_add_field_of(struct pa_model *model, const struct pa_statement *statement, size_t number);
/** "customers and their orders": each order is of a customer. */
void pa_add_owned(struct pa_model *model, const struct pa_statement *statement, size_t number);
/** "posts and comments": each comment is of a post. */
void pa_add_about(struct pa_model *model, const struct pa_statement *statement, size_t number);
/** "customers, items and rentals": each rental is of one of the others. */
void pa_add_deed(struct pa_model *model, const struct pa_statement *statement, size_t number);
/** "sort by price": the thing has a price then. */
void pa_add_sorted_by(struct pa_model *model, const struct pa_statement *statement, size_t number);
/** "구역별로 볼 수 있게": one finds those of one district. */
void pa_add_shown_by(struct pa_model *model, const struct pa_statement *statement, size_t number);
/** An item said of a thing: a field of it, or a relation to another. */
void pa_add_part(struct pa_model *model, size_t owner, const struct pa_item *item);
/** new: the stories of a model; NULL without memory. */
json_t *pa_stories(const struct pa_model *model);
/** new: the model as docs/app-model.md has it; NULL without memory. */
json_t *pa_emit(const struct pa_model *model);
/** new: a label as people read it. */
json_t *pa_emit_label(struct lang_span label);
/** new: the same, the last word of English in the singular. */
json_t *pa_emit_single(const struct pa_model *model, struct lang_span label);
/** new: the label of an entity: English in the singular. */
json_t *pa_emit_singular_label(const struct pa_model *model, const struct pa_entity *entity);
json_t *pa_emit_plural_label(const struct pa_model *model, const struct pa_entity *entity);

#endif
