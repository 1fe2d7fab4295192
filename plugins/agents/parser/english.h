/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english: what the files of the English grammar share.
 */
#ifndef PA_ENGLISH_H
#define PA_ENGLISH_H

#include "reading.h"

/* Words that no noun phrase goes over. */
#define EN_STOPS                                                                                   \
    (LANG_DETERMINER | LANG_EACH | LANG_PREPOSITION | LANG_PRONOUN | LANG_MODAL | LANG_AND |       \
     LANG_OR | LANG_HAS | LANG_WITH | LANG_BREAK | LANG_NEGATION | LANG_QUESTION)

/* Where the reader of a sentence stands; english.c makes one. */
struct en_reader {
    struct pa_reading *reading;
    size_t first, at, end;
    size_t owner; /* the thing spoken of last; PA_NONE: the app's main thing */
    bool has_topic;
    bool is_named; /* the topic has a name: what follows "for" is who it is for */
    size_t topic;  /* the statement that said the topic, when this sentence did; else PA_NONE */
};

/* ---- english_say.c ---- */

bool en_is(const struct en_reader *reader, uint32_t tags);
bool en_is_word(const struct en_reader *reader, const char *word);
/** ":" or a dash between blanks. */
bool en_is_colon(const struct en_reader *reader);
/** "with" and what it adds to a thing; not "sign in with a password". */
bool en_is_with(const struct en_reader *reader);
/** A list of items from here on, said of `owner`. */
void en_read_list(struct en_reader *reader, enum pa_says says, size_t owner);
/** "features", "fields": names what the list after it is, not a thing. */
bool en_is_list_title(const struct en_reader *reader, const struct pa_item *item);
/** "the app", "a user", "people": nothing that is recorded. */
bool en_is_nobody(const struct en_reader *reader, const struct pa_item *item);
bool en_has_frame(const struct pa_reading *reading, const struct pa_item *item);
/** Whether the item is an app or a list: "budget app". */
bool en_ends_in_kind(const struct en_reader *reader, const struct pa_item *item);
/** What a clause with "has" is about: the noun, or PA_NONE for what was spoken of. */
size_t en_owner_of(const struct en_reader *reader, size_t item);
/** "with", "has", ":" and the parts that follow. */
void en_read_parts(struct en_reader *reader, size_t owner);
/** "belongs to" and what follows. */
void en_read_relation(struct en_reader *reader, size_t item);
/** "members who have", "tasks that belong to", "rides: date"; false when no such clause follows. */
bool en_read_predicate(struct en_reader *reader, size_t item);

/* ---- english_manage.c ---- */

/** "track plants with name, species", from the verb on. */
void en_read_manage(struct en_reader *reader);
/** "for each plant I want": what follows is about the plant. */
void en_read_for_each(struct en_reader *reader);

/* ---- english_act.c ---- */

/** What follows a noun that does something by itself: "that dances", "when a task is done"; of a
 * verb that apps are asked for, PA_ACT_VERB. */
enum pa_act en_act_at(const struct pa_reading *reading, size_t at, size_t end);
/** "customers place orders": two things, one of which refers to the other; false: no such clause.
 */
bool en_read_action(struct en_reader *reader);
/** Whether such a clause begins at `at`; reads nothing. */
bool en_action_at(struct pa_reading *reading, size_t at, size_t end);
/** "that predicts my spending", "it should send": what the app is to do; false: no such clause. */
bool en_read_act(struct en_reader *reader);

/* ---- english_view.c ---- */

/** "show total cost as a chart", "priciest first": how records are to be looked at, in which no
 * noun is a field; false: no such piece. */
bool en_read_view(struct en_reader *reader);
/** Whether such a piece begins at `at`. */
bool en_view_at(const struct pa_reading *reading, size_t at, size_t first, size_t end);

/* ---- english_who.c ---- */

/** "needs to track", behind the noun of whose it is. */
bool en_wants_to(const struct en_reader *reader);
/** "needs an app", behind the noun that needs it. */
bool en_needs_app(const struct en_reader *reader);
/** Whether the item from `first` on, behind "for", is whose app it is. */
bool en_is_audience(const struct en_reader *reader, size_t first);
/** "I run a bakery", at the beginning. */
bool en_says_who(const struct en_reader *reader);
/** "let my doctor get", of somebody else. */
bool en_is_letting(const struct pa_reading *reading, size_t at);
/** "users can create", "lets me make": a verb of making whose object is kept. */
bool en_is_told(const struct en_reader *reader);

/* ---- english_link.c ---- */

/** "attach clients to shoots": one refers to the other; false: no such clause. */
bool en_read_link(struct en_reader *reader);
/** Whether such a clause begins at `at`; reads nothing. */
bool en_link_at(struct pa_reading *reading, size_t at, size_t end);
/** "for each client", behind what there is for each: a relation; false: no such piece. */
bool en_read_for_each_thing(struct en_reader *reader);
/** Whether "for each client" stands at `at`, and nothing more is said of the client. */
bool en_is_for_each(struct pa_reading *reading, size_t at, size_t end);

/* ---- english_whose.c ---- */

/** "donations made by sponsors": whether such a clause begins at `at`, behind a noun. */
bool en_is_done_by(const struct pa_reading *reading, size_t at, size_t end);
/** Notes whose an item is, of which such a clause or "of each family" is said at `at`; the token
 * after it, or `at`: neither is said. */
size_t en_read_whose(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end);
/** Says of each item from `first` on that is a thing to whom it belongs. */
void en_say_whose(struct pa_reading *reading, size_t first);

/* ---- english_item.c, english_behind.c ---- */

/** Whether a word may be part of a noun phrase. */
bool en_is_content(const struct pa_reading *reading, size_t at);
/** The token after the words of a noun phrase that starts at `at`. */
size_t en_content_end(const struct pa_reading *reading, size_t at, size_t end);
/** "import bank transactions from CSV": a noun between two phrases of the lists, behind a verb. */
bool en_is_used_verb(const struct pa_reading *reading, size_t at, size_t end);
/** "heart the best ones": what a feature is called by, as a verb. */
bool en_is_feature_verb(const struct pa_reading *reading, size_t at);
/** "loans record the tool and the borrower": a verb of keeping that says what things have. */
bool en_is_recorded(const struct pa_reading *reading, size_t at);
/** "made", "collected": whether a word is a verb's past. */
bool en_is_past(const struct pa_reading *reading, size_t at);
/** A thing that the frames know, or many of what no field is. */
bool en_is_thing(const struct pa_reading *reading, size_t item);
/** Whether a word stands in the plural. */
bool en_is_plural(const struct pa_reading *reading, size_t at);
/** "best before date": the token after a phrase of several words that the types know; or `at`. */
size_t en_known_phrase_end(const struct pa_reading *reading, size_t at, size_t end);
/** "what was found, where, when": a question of one word that is all of its piece. */
bool en_is_bare_question(const struct pa_reading *reading, size_t at);
/** "paid yes/no" */
bool en_is_yes_no(const struct pa_reading *reading, size_t at);
/** What stands behind the words of an item: unit, range, options, asides; the token after it. */
size_t en_read_behind(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end);
/** "who borrowed which amp": whether the second question begins at `at`. */
bool en_is_which(const struct pa_reading *reading, size_t at);
/** "I have killed": done, not had. */
bool en_is_perfect(const struct pa_reading *reading, size_t at);
/** "whether it is done", "how many pages": the token after it, or `at` when it is no question. */
size_t en_read_question(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end);

#endif
