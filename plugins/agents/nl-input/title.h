/* SPDX-License-Identifier: Apache-2.0 */
/*
 * title: what the files that find a title share. A title is a run of tokens; none has a count of 0.
 */
#ifndef NL_TITLE_H
#define NL_TITLE_H

#include "internal.h"

#define TITLE_WORDS 6

/* ---- title.c ---- */

/** A token of the request; NULL past the end. */
const struct lang_token *nl_token_at(const struct nl_reading *reading, size_t at);
/** The start of the run of title words that ends before `end`. */
size_t nl_run_start(const struct nl_reading *reading, size_t end);
/** The token after the run of title words that begins at `start`. */
size_t nl_run_end(const struct nl_reading *reading, size_t start);
/** The title of tokens [first, end), said by the words up to from_end. */
struct nl_title nl_make_title(const struct nl_reading *reading, size_t first, size_t end,
                              size_t from_end);
/** "track", "to record": a verb that a noun follows; not the "notes" of "notes app". */
bool nl_is_verb(const struct nl_reading *reading, size_t at);
/** The noun after a verb or "for" at `at`. */
struct nl_title nl_noun_after(const struct nl_reading *reading, size_t at);

/* ---- title_place.c: none of these has to be there ---- */

/** "가계부: 날짜, 금액" */
struct nl_title nl_before_colon(const struct nl_reading *reading);
/** "a blog with posts", "gift ideas for friends", "guests (name, email)" */
struct nl_title nl_before_with(const struct nl_reading *reading);
/** "로그인이 있는 메모장" */
struct nl_title nl_after_having(const struct nl_reading *reading);
/** "an app to plan meals" */
struct nl_title nl_after_app_to(const struct nl_reading *reading);
/** "an app for my bike club" */
struct nl_title nl_after_for(const struct nl_reading *reading);
/** "I run a dog grooming salon and need to" */
struct nl_title nl_after_owning(const struct nl_reading *reading);
/** "For every wine I want to store" */
struct nl_title nl_after_each(const struct nl_reading *reading);
/** "사용자와 장비", "users and items": people who are kept beside things, and no audience. */
bool nl_is_kept_person(const struct nl_reading *reading, size_t at);
/** "freelancers with skills": people of whom more is told are what is kept. */
bool nl_is_recorded_people(const struct nl_reading *reading, size_t at);

#endif
