'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('words_for_yes_and_no_are_read', () => {
  const App = load('core', 'format', 'fields', 'field-boolean');
  const type = App.fields.of({ name: 'a', type: 'boolean' });
  const cases = [
    [true, true],
    ['Yes', true],
    ['예', true],
    ['1', true],
    ['', false],
    [null, false],
    ['no', false],
    ['아니요', false],
    ['maybe', undefined],
  ];
  for (const [value, want] of cases) assert.equal(type.clean(value), want, String(value));
});
