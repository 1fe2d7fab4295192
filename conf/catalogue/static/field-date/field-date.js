/*
 * field-date: days and times of day. Kept as "2025-03-09" and "18:30", shown as the language writes them.
 */
(function (App) {
  'use strict';

  const pad = (text) => text.padStart(2, '0');

  /** Reads year, month, day in the ways people and spreadsheets write it; "3/9/2025" may mean two days and is not read. */
  function parseDate(value) {
    if (value === null || value === '') return null;
    if (typeof value !== 'string') return undefined;
    const parts = /^(\d{4})\s*[-/.년]\s*(\d{1,2})\s*[-/.월]\s*(\d{1,2})\s*[.일]?(?:[T ].*)?$/.exec(value.trim());
    if (!parts) return value.trim() === '' ? null : undefined;
    const iso = `${parts[1]}-${pad(parts[2])}-${pad(parts[3])}`;
    return Number.isNaN(App.format.dayNumber(iso)) ? undefined : iso;
  }

  function parseTime(value) {
    if (value === null || value === '') return null;
    if (typeof value !== 'string') return undefined;
    const parts = /^(\d{1,2}):(\d{2})(?::\d{2})?\s*(am|pm)?$/i.exec(value.trim());
    if (!parts || +parts[2] > 59) return undefined;
    const half = (parts[3] || '').toLowerCase();
    if (half && !(+parts[1] >= 1 && +parts[1] <= 12)) return undefined;
    const hour = half ? (+parts[1] % 12) + (half === 'pm' ? 12 : 0) : +parts[1];
    return hour < 24 ? `${pad(String(hour))}:${parts[2]}` : undefined;
  }

  const byText = (a, b) => (a < b ? -1 : Number(a > b));

  function control(kind, parse) {
    return (field, value, ids) => {
      const node = App.fields.input(ids, { type: kind, value: value || '', required: Boolean(field.required) });
      /* A half typed date has an empty value: only the browser knows that it is not nothing. */
      return { node, read: () => (node.validity.badInput ? undefined : parse(node.value)) };
    };
  }

  App.parseDate = parseDate;

  App.fields.define('date', {
    /* A day that must be given is mostly today; not so a day to come. */
    suggest: (field) => (field.required && field.role !== 'due' ? App.today() : null),
    clean: parseDate,
    compare: byText,
    unreadable: 'field.bad.date',
    check: (value) => (parseDate(value) ? null : { key: 'field.bad.date' }),
    label: App.format.date,
    show: (value) => App.h('time', { datetime: value }, App.format.date(value)),
    control: control('date', parseDate),
  });

  App.fields.define('time', {
    clean: parseTime,
    compare: byText,
    unreadable: 'field.bad.time',
    check: (value) => (parseTime(value) ? null : { key: 'field.bad.time' }),
    label: App.format.time,
    show: (value) => App.h('time', { datetime: value }, App.format.time(value)),
    control: control('time', parseTime),
  });
})((globalThis.App = globalThis.App || {}));
