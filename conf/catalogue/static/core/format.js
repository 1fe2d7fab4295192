/*
 * format: numbers, money, dates and times as the app's language writes them, and how texts compare.
 *
 * Dates are kept as "2025-03-09" and times as "18:30": both sort as text and know no time zone.
 */
(function (App) {
  'use strict';

  const cache = new Map();

  /* Making an Intl object costs more than using it a thousand times. */
  function made(kind, options) {
    const key = App.lang() + kind + JSON.stringify(options);
    if (!cache.has(key)) cache.set(key, new Intl[kind](App.lang(), options));
    return cache.get(key);
  }

  function pad(number) {
    return String(number).padStart(2, '0');
  }

  function isoDate(date) {
    return `${String(date.getFullYear()).padStart(4, '0')}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  }

  /** Days since 1970 of an ISO date, or NaN when there is no such day. */
  function dayNumber(iso) {
    const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
    if (!parts) return NaN;
    const date = new Date(Date.UTC(+parts[1], +parts[2] - 1, +parts[3]));
    return date.toISOString().slice(0, 10) === iso ? date.getTime() / 86400000 : NaN;
  }

  App.format = {
    number: (value, options) => made('NumberFormat', { maximumFractionDigits: 10, ...options }).format(value),

    money: (value, currency, options) =>
      made('NumberFormat', { style: 'currency', currency: currency || 'USD', ...options }).format(value),

    /** How many digits a currency has after the point: 0 for KRW, 2 for USD. */
    moneyDigits: (currency) =>
      made('NumberFormat', { style: 'currency', currency: currency || 'USD' }).resolvedOptions().maximumFractionDigits,

    date(iso) {
      const day = dayNumber(iso);
      if (Number.isNaN(day)) return String(iso);
      return made('DateTimeFormat', { dateStyle: 'medium', timeZone: 'UTC' }).format(day * 86400000);
    },

    month(isoMonth) {
      const day = dayNumber(`${isoMonth}-01`);
      if (Number.isNaN(day)) return String(isoMonth);
      return made('DateTimeFormat', { year: '2-digit', month: 'short', timeZone: 'UTC' }).format(day * 86400000);
    },

    time(text) {
      const parts = /^(\d{2}):(\d{2})/.exec(text);
      if (!parts) return String(text);
      return made('DateTimeFormat', { timeStyle: 'short', timeZone: 'UTC' }).format(
        Date.UTC(2000, 0, 1, +parts[1], +parts[2]),
      );
    },

    /** The day of a moment, where the reader is. */
    dayOf: (iso) => App.format.date(isoDate(new Date(iso))),

    moment: (iso) => made('DateTimeFormat', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso)),

    /** "tomorrow", "3 days ago": how far a day is from today. */
    relativeDay: (days) => made('RelativeTimeFormat', { numeric: 'auto' }).format(days, 'day'),

    dayNumber,
    isoDate,
  };

  App.today = () => isoDate(new Date());

  /** Orders texts as people of the language do, with 2 before 10. */
  App.compareText = (a, b) => made('Collator', { numeric: true, sensitivity: 'base' }).compare(a, b);

  /** Texts are compared in this form: one way to write each letter, no capitals, single spaces. */
  App.fold = (text) => String(text).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
})((globalThis.App = globalThis.App || {}));
