/*
 * field-boolean: yes or no, edited with a switch.
 */
(function (App) {
  'use strict';

  const YES = new Set(['true', 'yes', 'y', '1', 'o', '예', '네', '참']);
  const NO = new Set(['', 'false', 'no', 'n', '0', 'x', '아니요', '아니오', '거짓']);

  function clean(value) {
    if (typeof value === 'boolean') return value;
    if (value === null || value === undefined) return false;
    const word = App.fold(value);
    if (YES.has(word) || word === App.fold(App.t('common.yes'))) return true;
    return NO.has(word) || word === App.fold(App.t('common.no')) ? false : undefined;
  }

  function control(field, value, ids) {
    const node = App.h('input', {
      type: 'checkbox',
      class: 'switch',
      id: ids.id,
      'aria-describedby': ids.describedBy,
      checked: value === true,
    });
    return { node, isInline: true, read: () => node.checked };
  }

  App.fields.define('boolean', {
    isSearched: false,
    empty: () => false,
    isTold: (value) => value === true,
    clean,
    text: (value) => App.t(value ? 'common.yes' : 'common.no'),
    compare: (a, b) => Number(b) - Number(a),
    show: (value, field, context) =>
      context && context.isShort
        ? App.h('span', { class: 'chip' }, App.icon('check'), field.label)
        : App.t(value ? 'common.yes' : 'common.no'),
    control,
  });
})((globalThis.App = globalThis.App || {}));
