/*
 * field-choice: one or many of a list of options. An open list also takes words of one's own (tags).
 */
(function (App) {
  'use strict';

  const LIMIT = 60;
  const TONES = 8;
  const PILLS = 5; /* up to so many options are shown side by side, more in a drop-down list */

  const listOf = (value) => (Array.isArray(value) ? value : [value]);

  const optionOf = (field, value) => (field.options || []).find((option) => option.value === value);

  function label(field, value) {
    const option = optionOf(field, value);
    return option ? option.label : String(value);
  }

  /* Words that everyone sees in the same colour: danger, care, fine, calm. */
  const TONES_OF_WORDS = [
    [3, ['high', 'urgent', 'critical', 'blocked', 'overdue', 'failed', 'rejected', 'cancelled', 'bad', 'hard']],
    [1, ['medium', 'normal', 'doing', 'in-progress', 'in_progress', 'waiting', 'pending', 'reading', 'review']],
    [
      2,
      [
        'done',
        'finished',
        'completed',
        'complete',
        'closed',
        'paid',
        'accepted',
        'good',
        'easy',
        'read',
        'delivered',
        'won',
      ],
    ],
    [
      0,
      [
        'low',
        'new',
        'open',
        'todo',
        'to-do',
        'to_do',
        'planned',
        'backlog',
        'want',
        'applied',
        'not-started',
        'not_started',
        'to-read',
        'to_read',
      ],
    ],
  ];

  /** The colour number of a value: a known word's, else its place among the options, or what its letters add up to. */
  function tone(field, value) {
    const known = !field.many && TONES_OF_WORDS.find(([, words]) => words.includes(String(value).toLowerCase()));
    if (known) return known[0];
    const place = (field.options || []).findIndex((option) => option.value === value);
    if (place >= 0) return place % TONES;
    return [...String(value)].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % TONES;
  }

  /* One word to one value: an option by its value or label, in an open list also a new one. */
  function cleanOne(word, field) {
    if (typeof word !== 'string' && typeof word !== 'number') return undefined;
    const text = String(word).replace(/\s+/g, ' ').trim();
    const folded = App.fold(text);
    const option = (field.options || []).find(
      (one) => App.fold(one.value) === folded || App.fold(one.label) === folded,
    );
    if (option) return option.value;
    return field.open && text.length <= LIMIT ? text : undefined;
  }

  function cleanMany(value, field) {
    const words = Array.isArray(value) ? value : String(value ?? '').split(/[;,\n]/);
    const values = words.filter((word) => String(word).trim() !== '').map((word) => cleanOne(word, field));
    return values.includes(undefined) ? undefined : App.uniqueWords(values);
  }

  function clean(value, field) {
    if (field.many) return cleanMany(value, field);
    return value === null || value === undefined || value === '' ? null : cleanOne(value, field);
  }

  function check(value, field) {
    const isGood = listOf(value).every((one) => optionOf(field, one) || (field.open && String(one).length <= LIMIT));
    return isGood ? null : { key: 'field.bad.choice' };
  }

  function place(field, value) {
    const index = (field.options || []).findIndex((option) => option.value === value);
    return index < 0 ? Infinity : index;
  }

  function compare(a, b, field) {
    const [first, second] = [listOf(a)[0], listOf(b)[0]];
    const [i, j] = [place(field, first), place(field, second)];
    return i === j ? App.compareText(label(field, first), label(field, second)) : i - j;
  }

  /** Words without their doubles; "Novel" and "novel" are the same word. */
  App.uniqueWords = function (words) {
    const seen = new Set();
    return words.filter((word) => !seen.has(App.fold(word)) && seen.add(App.fold(word)));
  };

  /** Every value of a choice field in use or on offer, with how often it is used: [{ value, label, count }]. */
  App.choiceCounts = function (field, records) {
    const counts = new Map((field.options || []).map((option) => [option.value, 0]));
    for (const record of records) {
      const value = record.values[field.name];
      if (App.fields.base.isEmpty(value)) continue;
      for (const one of listOf(value)) counts.set(one, (counts.get(one) || 0) + 1);
    }
    return [...counts].map(([value, count]) => ({ value, label: label(field, value), count }));
  };

  App.choiceTone = tone;

  App.chip = (field, value) => App.h('span', { class: 'chip', 'data-tone': tone(field, value) }, label(field, value));

  App.fields.define('choice', {
    empty(field) {
      if (field.many) return [];
      return field.role === 'status' && field.options && field.options.length > 0 ? field.options[0].value : null;
    },
    clean,
    check,
    compare,
    text: (value, field) =>
      listOf(value)
        .map((one) => label(field, one))
        .join('; '),
    show: (value, field) =>
      App.h(
        'span',
        { class: 'chips', 'data-role': field.role },
        listOf(value).map((one) => App.chip(field, one)),
      ),
    control(field, value, ids, entity) {
      if (field.open)
        return field.many
          ? App.controls.tokens(field, value, ids, entity)
          : App.controls.suggest(field, value, ids, entity);
      if (field.many) return App.controls.pills(field, value, ids, 'checkbox');
      return field.options.length <= PILLS
        ? App.controls.pills(field, value, ids, 'radio')
        : App.controls.select(field, value, ids);
    },
  });
})((globalThis.App = globalThis.App || {}));
