'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('numbers_are_read_as_people_write_them', () => {
  const App = load('core', 'format', 'fields', 'field-number');
  const cases = [
    ['12', 12],
    [' 1,234.50 ', 1234.5],
    ['₩1,200', 1200],
    ['-$5', -5],
    ['１２', 12],
    ['.5', 0.5],
    ['1e3', 1000],
    ['', null],
    ['  ', null],
    ['12a', undefined],
    ['1.2.3', undefined],
    ['--1', undefined],
    [Infinity, undefined],
    [true, undefined],
    [7, 7],
  ];
  for (const [text, want] of cases) assert.equal(App.parseNumber(text), want, String(text));
});

test('a_number_stays_in_its_range_and_steps', () => {
  const App = load('core', 'format', 'fields', 'field-number');
  const field = { name: 'a', type: 'number', min: 1, max: 2, step: 0.1 };
  const cases = [
    [1, null],
    [1.3, null],
    [2, null],
    [0, 'field.min'],
    [3, 'field.max'],
    [1.25, 'field.step'],
  ];
  for (const [value, want] of cases)
    assert.equal((App.fields.of(field).check(value, field) || { key: null }).key, want, String(value));
});

test('money_has_no_smaller_part_than_its_currency', () => {
  const App = load('core', 'format', 'fields', 'field-number');
  const cases = [
    ['USD', 1.23, null],
    ['USD', 1.234, 'field.digits'],
    ['KRW', 1000, null],
    ['KRW', 0.5, 'field.whole'],
    ['USD', 0.1 + 0.2, null],
  ];
  for (const [currency, value, want] of cases) {
    const field = { name: 'a', type: 'money', currency };
    assert.equal((App.fields.of(field).check(value, field) || { key: null }).key, want, `${value} ${currency}`);
  }
});
