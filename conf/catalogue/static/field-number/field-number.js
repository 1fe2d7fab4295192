/*
 * field-number: numbers and amounts of money, typed the way people write them and shown the way the language does.
 */
(function (App) {
  'use strict';

  /** "1,234.5", "₩1,200" and "１２" are numbers; "12a" and "1.2.3" are not (undefined). Nothing is null. */
  function parseNumber(value) {
    if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
    if (typeof value !== 'string') return undefined;
    const text = value
      .normalize('NFKC')
      .replace(/[\s,_]/g, '')
      .replace(/^([-+]?)\p{Sc}|\p{Sc}$/gu, '$1')
      .replace('−', '-');
    if (text === '') return null;
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined;
  }

  function isOffStep(value, field) {
    if (!field.step) return false;
    const steps = (value - (field.min || 0)) / field.step;
    return Math.abs(steps - Math.round(steps)) > 1e-6;
  }

  function checkNumber(value, field) {
    if (field.min !== undefined && value < field.min)
      return { key: 'field.min', args: { limit: App.format.number(field.min) } };
    if (field.max !== undefined && value > field.max)
      return { key: 'field.max', args: { limit: App.format.number(field.max) } };
    return isOffStep(value, field) ? { key: 'field.step', args: { step: App.format.number(field.step) } } : null;
  }

  function checkMoney(value, field) {
    const digits = App.format.moneyDigits(field.currency);
    const scaled = value * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) > 1e-6)
      return { key: digits ? 'field.digits' : 'field.whole', args: { digits } };
    return checkNumber(value, field);
  }

  /* Not type=number: it drops what it cannot read and turns with the wheel. */
  function control(affix) {
    return (field, value, ids) => {
      const input = App.fields.input(ids, {
        type: 'text',
        inputmode: field.min >= 0 && Number.isInteger(field.step) ? 'numeric' : 'decimal',
        class: 'input numeric',
        value: value === null || value === undefined ? '' : String(value),
        required: Boolean(field.required),
      });
      const mark = affix(field);
      const node = mark
        ? App.h('span', { class: 'affixed' }, input, App.h('span', { class: 'affix', 'aria-hidden': 'true' }, mark))
        : input;
      return { node, focus: input, read: () => parseNumber(input.value) };
    };
  }

  const printNumber = (value, field) => App.format.number(value) + (field.unit ? ` ${field.unit}` : '');

  function currencySign(field) {
    return App.format.money(0, field.currency).replace(/[\d.,\s]/g, '');
  }

  const shared = { clean: parseNumber, compare: (a, b) => a - b, unreadable: 'field.bad.number' };

  App.parseNumber = parseNumber;

  App.fields.define('number', {
    ...shared,
    check: checkNumber,
    label: printNumber,
    show: printNumber,
    control: control((field) => field.unit || ''),
  });

  App.fields.define('money', {
    ...shared,
    check: checkMoney,
    label: (value, field) => App.format.money(value, field.currency),
    show: (value, field) => App.h('span', { class: 'money' }, App.format.money(value, field.currency)),
    control: control(currencySign),
  });
})((globalThis.App = globalThis.App || {}));
