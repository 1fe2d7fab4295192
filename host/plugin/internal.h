/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what the files of host/plugin share: reading by tables, the gates in their order, and
 * the loader.
 */
#ifndef TDH_PLUGIN_INTERNAL_H
#define TDH_PLUGIN_INTERNAL_H

#include <limits.h>
#include <pthread.h>

#include "base/id.h"
#include "base/map.h"
#include "plugin/plugin.h"

enum {
    TDH_PLUGIN_NAME_MAX = 64,
    TDH_PLUGIN_LIBRARY_MAX = 128,
    TDH_CHOICES_MAX = 64,  /* of one option */
    TDH_UNNOTED_MINOR = 2, /* the last SDK whose libraries have no note */
    TDH_LIBRARY_BYTES_MAX = 256 << 20,
    TDH_STATE_BYTES_MAX = 16 << 20 /* largest state_size of a descriptor */
};

/*
 * field.c: reads a mapping of a YAML document by a table.
 */

/* Where the reader is: a chain on the stack, from the value up to the document. */
struct tdh_spot {
    const struct tdh_spot *up; /* NULL: the document */
    const struct tdh_yaml *yaml;
    const char *key; /* NULL: an item of a list */
    size_t index;
};

/* One key that a mapping may have. */
struct tdh_field {
    const char *key;
    bool is_required;
    /* Checks the value and puts it into `into`, the object of the table.
     * NULL: the value may be anything and is not kept. */
    int (*read)(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                void *into, struct td_err *err);
    size_t offset;            /* of the member that the ready-made readers fill */
    size_t max;               /* most bytes of a text */
    const char *const *words; /* of tdh_field_word: ends with NULL; a word's number is the value */
};

/** TD_E_CONFIG with FILE:LINE:COLUMN of the value at the spot. Returns -1. */
int tdh_spot_fail(const struct tdh_spot *spot, struct td_err *err, const char *fmt, ...)
    TD_PRINTF(3, 4);
/** As tdh_spot_fail, at the key of a member of the mapping at the spot. */
int tdh_spot_fail_key(const struct tdh_spot *spot, const char *key, struct td_err *err,
                      const char *fmt, ...) TD_PRINTF(4, 5);
/** Where the value at the spot stands. */
struct tdh_place tdh_spot_place(const struct tdh_spot *spot);
/** Puts FILE:LINE:COLUMN of the spot in front of what `err` holds and makes it TD_E_CONFIG.
 * Returns -1. */
int tdh_spot_context(const struct tdh_spot *spot, struct td_err *err);
/** What stands at the spot, for messages: `"limit"` or `item 2 of "needs"`.
 * Needs 160 bytes; returns text. */
const char *tdh_spot_print(const struct tdh_spot *spot, char *text, size_t size);
/** "must be a string, is of type integer". Returns -1. */
int tdh_spot_fail_type(const struct tdh_spot *spot, const json_t *value, const char *want,
                       struct td_err *err);

/** Reads all members of `value`, which must be a mapping. Keys not in the table are refused. */
int tdh_fields_read(const struct tdh_field *fields, size_t count, const struct tdh_spot *spot,
                    const json_t *value, void *into, struct td_err *err);
typedef int tdh_item_fn(const struct tdh_spot *spot, const json_t *item, void *into,
                        struct td_err *err);
/** Reads all items of `value`, which must be a list. */
int tdh_items_read(tdh_item_fn *read, const struct tdh_spot *spot, const json_t *value, void *into,
                   struct td_err *err);

/* Ready-made readers for `read` of a field. */
int tdh_field_text(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err); /* char *, new */
int tdh_field_note(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err); /* a text that is only checked */
int tdh_field_bool(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err); /* bool */
int tdh_field_word(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err); /* int or enum */
int tdh_field_range(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into, struct td_err *err); /* struct tdh_range */
int tdh_field_duration(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err); /* int64_t, ms */
int tdh_field_words(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into,
                    struct td_err *err); /* a list of different texts that is only checked */

/** The text of a string without NUL inside, 1 to `max` bytes; NULL: told. */
const char *tdh_spot_text(const struct tdh_spot *spot, const json_t *value, size_t max,
                          struct td_err *err);

/*
 * manifest.c, manifest_rows.c: the rows of a manifest. `into` is the struct tdh_manifest.
 */
bool tdh_plugin_name_is_valid(const char *name);
int tdh_manifest_needs(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err);
int tdh_manifest_conflicts(const struct tdh_field *field, const struct tdh_spot *spot,
                           const json_t *value, void *into, struct td_err *err);
int tdh_manifest_capabilities(const struct tdh_field *field, const struct tdh_spot *spot,
                              const json_t *value, void *into, struct td_err *err);
/** The rows of a list of capabilities: new, tdh_capabilities_free(), also after a failure.
 * is_of_agent: of an agent's file, where they have a `config`. */
int tdh_capabilities_read(const struct tdh_spot *spot, const json_t *value, bool is_of_agent,
                          struct tdh_capability **ret_capabilities, size_t *ret_count,
                          struct td_err *err);
void tdh_capabilities_free(struct tdh_capability *capabilities, size_t count);
/** compile.c: the schemas of a list of capabilities. `list` is where it stands. */
int tdh_capabilities_compile(const struct tdh_spot *list, struct tdh_capability *capabilities,
                             size_t count, struct td_err *err);
/** role.c: "uses" of an agent's manifest. */
int tdh_manifest_roles(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err);
void tdh_roles_free(struct tdh_role *roles, size_t count);
/** The name of an action, and of an option: char *, new, of the letters that these have. */
int tdh_field_action(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err);
int tdh_field_option_name(const struct tdh_field *field, const struct tdh_spot *spot,
                          const json_t *value, void *into, struct td_err *err);
int tdh_manifest_options(const struct tdh_field *field, const struct tdh_spot *spot,
                         const json_t *value, void *into, struct td_err *err);
void tdh_manifest_rows_free(struct tdh_manifest *manifest);
/** A JSON Schema as written: json_t *, new. */
int tdh_field_schema(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err);
/** uses.c: a map of meters to numbers: struct tdh_meters *, new: free(). */
int tdh_field_meters(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err);
/** compile.c: all schemas of the manifest, unless they are compiled. err: TD_E_CONFIG with the
 * place, TD_E_NOMEM. */
int tdh_manifest_compile(struct tdh_manifest *manifest, struct td_err *err);
/** catalogue.c: "catalogue" of a pattern's manifest. */
int tdh_manifest_catalogue(const struct tdh_field *field, const struct tdh_spot *spot,
                           const json_t *value, void *into, struct td_err *err);
void tdh_catalogue_free(struct tdh_catalogue *catalogue);
/** permission.c: "permissions": json_t *, new, checked, as written. */
int tdh_field_permissions(const struct tdh_field *field, const struct tdh_spot *spot,
                          const json_t *value, void *into, struct td_err *err);
/** As tdh_manifest_read, of a text. new. */
struct tdh_manifest *tdh_manifest_parse(const char *text, size_t length, const char *folder,
                                        struct td_err *err);

/*
 * option.c: the value of one option.
 */
struct tdh_value {
    const json_t *json; /* text and list, borrowed; NULL: not given */
    int64_t integer;    /* int, bool, duration in ms, size in bytes */
    double real;
};
/** Checks a value against its row. err: TD_E_CONFIG: `option "limit": 0 is not in 1 to 65536`. */
int tdh_option_check(const struct tdh_option *option, const json_t *value,
                     struct tdh_value *ret_value, struct td_err *err);
/** The number of a value of the option's type: range not checked.
 * err: TD_E_CONFIG without the option's name. */
int tdh_option_number(const struct tdh_option *option, const json_t *value,
                      struct tdh_value *ret_value, struct td_err *err);
/** The words of manifests for enum tdh_option_type; ends with NULL. */
extern const char *const tdh_option_types[];
/** The binding an option of that type needs. */
enum td_bind tdh_option_bind(enum tdh_option_type type);
/** "INT" for TD_BIND_INT_; "?" when there is none. */
const char *tdh_bind_name(enum td_bind bind);

/*
 * compat.c: the compatibility matrix.
 */
struct tdh_compat;
/** new; path NULL, or not there and not needed: no rules. err: TD_E_CONFIG, TD_E_IO, TD_E_NOTFOUND.
 */
struct tdh_compat *tdh_compat_read(const char *path, bool is_needed, struct td_err *err);
void tdh_compat_free(struct tdh_compat *compat);
const struct tdh_compat_rule *tdh_compat_rules(const struct tdh_compat *compat, size_t *ret_count);
/** The first rule that fits, or NULL. */
const struct tdh_compat_rule *tdh_compat_match(const struct tdh_compat *compat, const char *plugin,
                                               const struct tdh_semver *version,
                                               const struct tdh_terms *terms);
/** What the rule says that day; of NULL: TDH_ALLOW. */
enum tdh_verdict tdh_compat_verdict(const struct tdh_compat_rule *rule, int64_t day);
/** Fills err with TD_E_ABI and the words for a plugin that the rule blocks or deprecates that day.
 * Returns -1. */
int tdh_compat_tell(const struct tdh_compat_rule *rule, const char *version, int64_t day,
                    struct td_err *err);

/*
 * check.c, compat.c: the gates before anything is opened.
 */
struct tdh_gate {
    const struct tdh_compat *compat;
    const char *bundled_root;        /* resolved, or NULL */
    const char *const *inline_roots; /* resolved; ends with NULL */
    const char *private_dir;
    const char *runner_path, *data_dir; /* as in struct tdh_plugins_options */
    bool is_strict;
    bool is_check; /* nothing is kept of what is opened: it is not in its place yet */
    unsigned processes_max, crashes_max;
    int64_t day; /* 0: always today */
    enum tdh_signatures signatures;
    const struct tdh_trust *trust;
};
/* What check.c says of a plugin that may run. */
struct tdh_admission {
    const struct tdh_compat_rule *rule; /* when it is deprecated, else NULL */
    bool is_bundled;                    /* it came with tdev */
    enum tdh_isolation isolation;       /* how it runs here */
};
struct stat;
/** "everybody", "its group": who can write to it but its owner, in words; NULL: nobody, or only
 * root's group or the user's own. */
const char *tdh_others_write(const struct stat *status);
/** Did the plugin come with tdev? */
bool tdh_is_bundled(const struct tdh_gate *gate, const struct tdh_manifest *manifest);
/** This host, at the gate's day. */
struct tdh_terms tdh_terms_here(const struct tdh_gate *gate);
/** The manifest's ranges. `which` ("this", "that") is what the host is called. err: TD_E_ABI with
 * the place. */
int tdh_check_sdk(const struct tdh_manifest *manifest, const struct tdh_terms *terms,
                  const char *which, struct td_err *err);
int tdh_check_host(const struct tdh_manifest *manifest, const struct tdh_terms *terms,
                   const char *which, struct td_err *err);
/** The matrix. *ret_rule: the rule that fits, or NULL. err: TD_E_ABI: it blocks the plugin. */
int tdh_check_rules(const struct tdh_compat *compat, const struct tdh_manifest *manifest,
                    const struct tdh_terms *terms, const struct tdh_compat_rule **ret_rule,
                    struct td_err *err);
/**
 * Version ranges, the matrix, whether it may run inside the host, or isolated, and its signature.
 * err: with `plugin "x": `; TD_E_ABI, TD_E_UNSUPPORTED, TD_E_PERM
 */
int tdh_check_manifest(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                       struct tdh_admission *ret_admission, struct td_err *err);
/**
 * signed.c: was the folder, with this very manifest, signed as the gate wants it? The manifest is
 * told what the library must be. err: TD_E_PERM, or what keeps the files from being read
 */
int tdh_check_signature(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                        struct td_err *err);

/*
 * library.c, copy.c: from the library in the plugin's folder to a private file named by its hash.
 */
/**
 * Opens the manifest's library to read, and writes its path; a file outside of the folder is
 * refused unless it is bundled and belongs to root or the user. Returns the descriptor, or -1. err:
 * TD_E_NOTFOUND, TD_E_CONFIG, TD_E_PERM, TD_E_IO.
 */
int tdh_library_open(const struct tdh_manifest *manifest, bool is_bundled,
                     char path[static PATH_MAX], struct td_err *err);
/**
 * Makes the private copy of an open library, unless it is there.
 *
 * ret_hash  SHA-256 of the library
 * Returns the copy's path, new, or NULL. err: TD_E_IO, TD_E_LIMIT, TD_E_PERM: also when it is not
 * the SHA-256 of the manifest
 */
char *tdh_copy_make(const char *private_dir, const struct tdh_manifest *manifest, int fd,
                    const char *path, char ret_hash[static TDH_SHA256_HEX], struct td_err *err);
/** err: TD_E_PERM: the manifest vouches for another SHA-256. */
int tdh_check_integrity(const struct tdh_manifest *manifest, const char *hash, struct td_err *err);
/**
 * tidy.c. Held from the making of a copy, or the look at it, until it is open. `how` as for flock;
 * -1: it could not be had, or the folder is not there.
 */
int tdh_copies_lock(const char *private_dir, int how);
void tdh_copies_unlock(int lock);
/** Somebody opens the copy. */
void tdh_copy_use(const char *copy, const struct stat *status);
/** Does a copy still have its hash? It is read as a whole. */
bool tdh_copy_is_whole(const char *copy, const char *hash);

/*
 * elf.c, note.c, loader.c: opens libraries. Any thread.
 */
/**
 * Holds what the system's loader relies on against the file: ELF of this machine, headers and
 * segments inside of the file. The loader ends the process where they are not.
 *
 * name      of the library, for messages
 * ret_note  its stamp, when it has a note of it; else its size is 0
 * err       TD_E_ABI, TD_E_IO, TD_E_NOMEM
 */
int tdh_elf_check(int fd, const char *name, struct td_note *ret_note, struct td_err *err);
/**
 * Looks for the stamp in the notes of one segment, whose alignment is 4 or 8. *note is that of the
 * segments before, size 0: none yet; the second one is refused. What is not well formed and
 * nobody's is passed over. err: TD_E_ABI: ours, and damaged
 */
int tdh_note_find(const char *bytes, size_t length, size_t align, const char *name,
                  struct td_note *note, struct td_err *err);
/** Returns a handle for tdh_loader_close, or NULL. err: TD_E_ABI with the system's words. */
void *tdh_loader_open(const char *path, struct td_err *err);
/** The address of a symbol, or NULL. */
const void *tdh_loader_find(void *handle, const char *symbol);
void tdh_loader_close(void *handle);

/*
 * stamp.c, descriptor.c, load.c: the gates at its stamp, and after it is open.
 */
/** err: TD_E_ABI names the field and both sides. */
int tdh_stamp_check(const struct td_stamp *stamp, struct td_err *err);
/** The same for a host with that stamp; `which` ("this", "that") is what it is called. */
int tdh_stamp_check_for(const struct td_stamp *stamp, const struct td_stamp *host,
                        const char *which, struct td_err *err);
/** Of this host. */
struct td_stamp tdh_stamp_own(void);
/** Do the note and the symbol of a library agree, both of which fit the host? err: TD_E_ABI names
 * both versions. */
int tdh_stamp_compare(const struct td_stamp *note, const struct td_stamp *entry,
                      struct td_err *err);
/** Copies the descriptor and checks it against the plugin's manifest;
 * fills descriptor, actions, bindings. */
int tdh_descriptor_read(struct tdh_plugin *plugin, const struct td_plugin *descriptor,
                        struct td_err *err);
/** edition.c: fills in the plugin's edition. err TD_E_NOMEM. */
int tdh_edition_fill(struct tdh_plugin *plugin, struct td_err *err);
/** Keeps what leads to that edition beside the copies of libraries, unless it is there. */
int tdh_edition_keep(const char *private_dir, const struct tdh_plugin *plugin, struct td_err *err);
/** Is that file of the folder a kept edition? Removes it when its library is gone. */
bool tdh_edition_tidy(int dir, const char *name);
/**
 * Takes a checked manifest through the gates from the library on. The manifest is taken on success
 * only; after a failure it is good for nothing but its end. Returns the plugin with one hold, or
 * NULL.
 */
struct tdh_plugin *tdh_plugin_open(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                                   bool is_bundled, enum tdh_isolation isolation,
                                   struct td_err *err);
/** The gates from the library on, for a copy that has passed those before: what the process of an
 * isolated plugin does. The manifest is taken on success only. */
struct tdh_plugin *tdh_plugin_open_copy(struct tdh_manifest *manifest, const char *copy,
                                        const char *hash, struct td_err *err);
/** As tdh_plugin_open, with the copy of that hash, which is not made anew. */
struct tdh_plugin *tdh_plugin_open_kept(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                                        const char *hash, enum tdh_isolation isolation,
                                        struct td_err *err);

/*
 * registry.c, scan.c
 */
/* What serves no more, but may be looked at yet by who borrowed it. One of the two. */
struct tdh_former {
    struct tdh_plugin *plugin; /* held */
    struct tdh_plugin_entry *entry;
    uint64_t since_ns;
};
struct tdh_plugins_lock {
    pthread_mutex_t mutex; /* of what follows; held for moments */
    pthread_cond_t is_free;
    pthread_t owner;
    unsigned depth; /* 0: nobody has it */
};
struct tdh_plugins {
    struct tdh_gate gate;
    char **roots; /* ends with NULL */
    char **inline_roots;
    char *bundled_root, *private_dir, *runner_path, *data_dir, *compat_path;
    bool is_compat_needed;
    struct tdh_compat *compat;
    struct tdh_map folders;    /* folder -> struct tdh_plugin_entry, owned */
    struct tdh_map names;      /* "agent/echo" -> entry, once it was found to be the one */
    struct tdh_former *former; /* exchanged, or of an edition that was asked for */
    size_t former_count, former_room;
    unsigned grace_ms; /* how long what is borrowed of the registry may be looked at */
    struct tdh_plugins_lock lock;
    tdh_instead_fn *instead;
    void *instead_arg;
    bool is_fresh;           /* all was just read: what is refused stays so */
    struct tdh_map listings; /* versions.c: folder -> names with "@" in it */
    tdh_ranges_fn *ranges;   /* NULL: nobody wants less than all versions */
    void *ranges_arg;
};

/* versions.c: all folders of one name, in the order of roots. */
struct tdh_folders {
    struct tdh_plugin_entry **entries;
    size_t count, room;
};
/** How long the plugin's name is in that of its folder, which is NAME or NAME@VERSION. */
size_t tdh_folder_name(const char *folder);
/** May a folder of that name hold a plugin? */
bool tdh_folder_is_valid(const char *folder);
/** Those of that kind (0: any), and those whose kind is not known. What has changed and is not in
 * use is read anew, unless the registry is fresh. free(ret_versions->entries). */
int tdh_folders_of(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                   struct tdh_folders *ret_versions, struct td_err *err);
void tdh_folders_free(struct tdh_plugins *plugins);
/** exchange.c: reads the entry's folder anew if it has changed; it is not in use. */
void tdh_entry_renew(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry);

/** "agents", "providers", "storage", "patterns": what the folders of a bundled root are called. */
const char *tdh_kind_folder(enum td_kind kind);
/** The entry of a folder, made when needed, with its manifest read.
 * NULL: no memory, told. A defect is the entry's `why`. */
struct tdh_plugin_entry *tdh_entry_of(struct tdh_plugins *plugins, const char *folder,
                                      struct td_err *err);
/** The one in use of a kind (0: any) and name, or NULL. */
struct tdh_plugin_entry *tdh_entry_serving(const struct tdh_plugins *plugins, enum td_kind kind,
                                           const char *name);
/** The entry of a kind (0: any) and name, not refused, or NULL. */
struct tdh_plugin_entry *tdh_entry_find(struct tdh_plugins *plugins, enum td_kind kind,
                                        const char *name, struct td_err *err);
void tdh_entry_refuse(struct tdh_plugin_entry *entry, const struct td_err *why);
/** It was refused for what another one did; it may be asked for again. */
void tdh_entry_absolve(struct tdh_plugin_entry *entry);
/** Looks for the folder that kind and name mean now, whatever is in use: *ret_entry is the newest
 * version that goes with the rest, of the first root that has it, NULL when none has. Fails only
 * without memory. */
int tdh_entry_look(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                   struct tdh_plugin_entry **ret_entry, struct td_err *err);
/** The same beside what is in use, which stays. */
int tdh_entry_meant(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                    struct tdh_plugin_entry **ret_entry, struct td_err *err);
/** The entry is the one that its kind and name mean from now on. */
int tdh_entry_name(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, struct td_err *err);
/** Back to an entry of which only the folder is known. */
void tdh_entry_clear(struct tdh_plugin_entry *entry);
void tdh_entry_free(struct tdh_plugin_entry *entry);
/** The registry has it no more; ends it. */
void tdh_entry_forget(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry);
/** status.c: word of a plugin for who looks from outside; takes `status`, an object with "plugin",
 * "state", "tdev" and "why". */
struct tdh_status {
    const char *private_dir, *plugin;
    const char *unit; /* what it is of: a process, or the exchange */
};
void tdh_status_say(const struct tdh_status *of, json_t *status);
void tdh_status_unsay(const struct tdh_status *of);
/** exchange.c: there is nothing to be told any more of why it could not be exchanged. */
void tdh_entry_mend(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry);
/** exchange.c: tells, once, why what is in the folder now does not serve. */
void tdh_entry_refuse_next(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                           const struct td_err *why);
/** exchange.c: what the candidate has serves from now on, as the entry of its folder, `meant`; it
 * is empty then. err TD_E_NOMEM */
int tdh_entry_serve(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                    struct tdh_plugin_entry *meant, struct tdh_plugin_entry *candidate,
                    struct td_err *err);
/* tried.c */
/** The candidate, which is the entry's from now on, is tried beside it. */
void tdh_entry_try(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                   struct tdh_plugin_entry *candidate);
/** What is tried, if anything, is not tried any more. */
void tdh_entry_untry(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry);
/** It was just loaded: has another edition serve in its place, when that is what is wanted. */
void tdh_entry_instead(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry);
/** edition.c: as tdh_plugins_edition, under the lock. */
struct tdh_plugin *tdh_edition_find(struct tdh_plugins *plugins, enum td_kind kind,
                                    const char *name, const char *edition, struct td_err *err);
/** exchange.c: what its folder looks like. */
void tdh_print_take(const struct tdh_plugin_entry *entry, struct tdh_plugin_print *print);
/** edition.c: takes the plugin's hold, or the entry, which is in no map any more. err TD_E_NOMEM.
 */
int tdh_former_add(struct tdh_plugins *plugins, struct tdh_plugin *plugin,
                   struct tdh_plugin_entry *entry, struct td_err *err);
void tdh_former_free(struct tdh_former *former);
/** Reads the manifest into an entry of which only the folder is known, and has it pass the gates
 * before anything is opened. What is amiss is the entry's `why`. */
void tdh_entry_read(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry);
/** judge.c: the matrix deprecates the entry's plugin, by that rule. */
void tdh_entry_deprecate(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                         const struct tdh_compat_rule *rule);
/** Is another entry of an earlier root the one that its kind and name mean? */
bool tdh_entry_is_covered(const struct tdh_plugins *plugins, const struct tdh_plugin_entry *entry);
/** td_fail with TD_E_NOTFOUND: names the roots and the nearest name there is. Returns -1. */
int tdh_scan_fail(const struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                  struct td_err *err);

/*
 * resolve.c, require.c: what a plugin requires.
 */
/** Does something with a plugin, of which everything it requires had its turn. */
typedef int tdh_resolved_fn(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                            struct td_err *err);
/**
 * Follows what a plugin requires, and all of that; when it fits together has `fn` done with each
 * one that is not loaded, what is required first. The entries for which that fails are refused.
 *
 * entry  may be one that the registry has not
 * err    TD_E_DEPENDENCY, or what fn said of the entry
 */
int tdh_resolve(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, tdh_resolved_fn *fn,
                struct td_err *err);
/** load.c: can it be opened, as far as that is known without: schemas, library, integrity. The
 * schemas that were compiled are kept. */
tdh_resolved_fn tdh_plugin_probe;
/** require.c: opens what the entry's manifest tells of; what that requires is loaded. */
tdh_resolved_fn tdh_entry_open;
/** Does a row of the manifest exclude the other plugin in the version it has? */
bool tdh_conflicts_with(const struct tdh_manifest *manifest, const struct tdh_manifest *other);

#endif
