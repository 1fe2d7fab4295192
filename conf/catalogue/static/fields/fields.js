/*
 * fields: the register of field types. A type says how a value is read, checked, written, compared, shown and edited.
 *
 * A role (rating, tags, due, ...) may bring a type of its own under "role:NAME"; without it the field is what its plain
 * type says. Everything but show() and control() works without a page.
 */
(function (App) {
  'use strict';

  const types = new Map();

  /* What a type gets when it says nothing else. */
  const base = {
    isSearched: true,
    isWide: false /* takes a whole line of a form */,

    /** The value of a new record. */
    empty: (field) => (field.many ? [] : null),

    /** What a form for a new record offers when nothing is entered yet. */
    suggest(field) {
      return this.empty(field);
    },

    isEmpty: (value) =>
      value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0),

    /** Whether a summary mentions the value. */
    isTold(value) {
      return !this.isEmpty(value);
    },

    /** A value from outside, made into one of this type; undefined when it cannot be. */
    clean: (value) => value,

    /** What is wrong with a value that is not empty: { key, args } or null. */
    check: () => null,

    /** The value as plain text, for search and for tables of other programs. */
    text: (value) => String(value),

    /** The value as words in a title or a chart. */
    label(value, field) {
      return this.text(value, field);
    },

    /** The reverse of text(); undefined when the text says no value of this type. */
    parse(text, field) {
      return this.clean(text, field);
    },

    compare(a, b, field) {
      return App.compareText(this.text(a, field), this.text(b, field));
    },

    /** What a reader sees. context: { entity, record, isShort } */
    show(value, field) {
      return this.text(value, field);
    },
  };

  App.fields = {
    base,

    define(key, type) {
      types.set(key, { ...base, ...type });
    },

    /** The type of a field. A type that no part of this app brings is treated as text, so that nothing is lost. */
    of(field) {
      return (field.role && types.get(`role:${field.role}`)) || types.get(field.type) || types.get('text') || base;
    },

    isKnown: (typeName) => types.has(typeName),

    /** Orders two values of a field; records without a value come last whichever way the others go. */
    compare(field, a, b, direction) {
      const type = App.fields.of(field);
      if (type.isEmpty(a) || type.isEmpty(b)) return Number(type.isEmpty(a)) - Number(type.isEmpty(b));
      return type.compare(a, b, field) * direction;
    },

    /** An <input> with what every control needs. ids: { id, describedBy } */
    input: (ids, props) =>
      App.h('input', {
        class: 'input',
        id: ids.id,
        'aria-describedby': ids.describedBy,
        autocomplete: 'off',
        ...props,
      }),
  };
})((globalThis.App = globalThis.App || {}));
