/*
 * core: the namespace every file hangs on, events between the parts, and the texts of the app's language.
 *
 * Classic scripts, because a page opened from disk may not load modules. Each file takes App, adds its part and leaves
 * nothing else behind; the same file loads in Node for the tests. It starts no work by itself.
 */
(function (App) {
  'use strict';

  const listeners = new Map();

  /** Calls fn with each later emit of that name; gives back a function that ends it. */
  App.on = function (name, fn) {
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(fn);
    return () => listeners.get(name).delete(fn);
  };

  App.emit = function (name, detail) {
    for (const fn of [...(listeners.get(name) || [])]) fn(detail);
  };

  /* Latin letters and digits as they are read aloud in Korean: which end in a consonant, and which of them in ㄹ. */
  const CLOSED_ENDING = /([013678lmnLMN]|ng|[A-Z]R)$/;
  const RIEUL_ENDING = /([178lL]|[A-Z]R)$/;

  /** Picks the Korean particle for a word: particle('책', '을', '를') is '을'. Marks behind the last letter do not count. */
  App.particle = function (word, closed, open) {
    const read = String(word).replace(/[^\p{L}\p{N}]+$/u, '');
    const code = read.charCodeAt(read.length - 1) - 0xac00;
    const isHangul = code >= 0 && code < 11172;
    const isClosed = isHangul ? code % 28 > 0 : CLOSED_ENDING.test(read);
    const endsInRieul = isHangul ? code % 28 === 8 : RIEUL_ENDING.test(read);
    const isRo = closed.endsWith('으로'); /* it alone treats a final ㄹ as open */
    return isClosed && !(isRo && endsInRieul) ? closed : open;
  };

  /* A label inside an English sentence: "Task" is "task" there, but "DVD" and "QR code" keep their capitals. */
  const inSentence = (label) => label.replace(/^\p{Lu}(?=\p{Ll})/u, (letter) => letter.toLowerCase());

  /**
   * The text of a key, with {name}, {name:lower} (a label in mid-sentence) and {name:을/를} replaced; ‘{name:’을/’를} puts
   * the particle behind the mark. A key without a text stays visible as itself.
   */
  App.t = function (key, args) {
    const text = (App.strings || {})[key];
    if (text === undefined) return key;
    return text.replace(/\{(\w+)(?::(lower)|:([^/}]+)\/([^}]+))?\}/g, (whole, name, lower, closed, open) => {
      if (!args || args[name] === undefined) return whole;
      const value = String(args[name]);
      if (lower) return inSentence(value);
      return closed ? value + App.particle(value, closed, open) : value;
    });
  };

  /** The text for a count: KEY.one or KEY.other, with {count} written the language's way. */
  App.tn = function (key, count, args) {
    const form = new Intl.PluralRules(App.lang()).select(count) === 'one' ? 'one' : 'other';
    return App.t(`${key}.${form}`, { count: App.format.number(count), ...args });
  };

  App.lang = () => (App.info && App.info.lang) || 'en';

  App.entity = (name) => App.model.entities.find((entity) => entity.name === name);

  App.field = (entity, name) => entity.fields.find((field) => field.name === name);

  App.fieldOfRole = (entity, role) => entity.fields.find((field) => field.role === role);

  App.hasFeature = (name) => App.model.features.some((feature) => feature.name === name);

  /** An id no other record has; randomUUID is missing on pages that are not a secure context. */
  App.uid = function () {
    if (globalThis.crypto.randomUUID) return globalThis.crypto.randomUUID();
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  };

  /** Waits until calls stop coming, so that typing does not redraw at each key. */
  App.debounce = function (fn, wait) {
    let timer = 0;
    return (...args) => {
      clearTimeout(timer);
      timer = setTimeout(() => fn(...args), wait);
    };
  };
})((globalThis.App = globalThis.App || {}));
