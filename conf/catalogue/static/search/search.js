/*
 * search: shows the records that hold every word typed. Korean also by first consonants: "ㄷㅅ" finds "독서".
 */
(function (App) {
  'use strict';

  const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
  const texts = new WeakMap(); /* record -> its folded text; a changed record is a new object */

  /** The first consonants of the Hangul in a text, other letters as they are. */
  function initials(text) {
    return [...text]
      .map((letter) => {
        const code = letter.charCodeAt(0) - 0xac00;
        return code >= 0 && code < 11172 ? INITIALS[Math.floor(code / 588)] : letter;
      })
      .join('');
  }

  const isInitials = (word) => [...word].every((letter) => INITIALS.includes(letter));

  /** Whether a text, already folded, holds all words. */
  function holds(text, words) {
    return words.every((word) => text.includes(word) || (isInitials(word) && initials(text).includes(word)));
  }

  /* NFKC makes the letters of the keyboard into the leading consonants of syllables; these are turned back. */
  function wordsOf(query) {
    const folded = App.fold(query).replace(/[\u1100-\u1112]/g, (letter) => INITIALS[letter.charCodeAt(0) - 0x1100]);
    return folded.split(' ').filter(Boolean);
  }

  function textOf(entity, record) {
    /* The title of a related record may change without this record changing, so such texts are not kept. */
    if (entity.fields.some((field) => field.type === 'relation')) return App.records.searchText(entity, record);
    if (!texts.has(record)) texts.set(record, App.records.searchText(entity, record));
    return texts.get(record);
  }

  function controls(entity, state, changed) {
    const input = App.h('input', {
      type: 'search',
      class: 'input search-input',
      value: state.query || '',
      'data-key': 'search',
      placeholder: App.t('search.placeholder', { label: entity.plural_label || entity.label }),
      'aria-label': App.t('search.label'),
      autocomplete: 'off',
      enterkeyhint: 'search',
    });
    const later = App.debounce(changed, 80);
    input.addEventListener('input', () => {
      state.query = input.value;
      later();
    });
    return App.h('div', { class: 'search', role: 'search', 'data-feature': 'search' }, App.icon('search'), input);
  }

  App.search = { wordsOf, holds };

  App.view.addLens({
    name: 'search',
    order: 10,
    controls,
    clear: (state) => {
      state.query = '';
    },
    test(entity, state) {
      const words = wordsOf(state.query || '');
      return words.length === 0 ? null : (record) => holds(textOf(entity, record), words);
    },
  });
})((globalThis.App = globalThis.App || {}));
