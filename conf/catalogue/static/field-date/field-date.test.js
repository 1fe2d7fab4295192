'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('dates_are_read_year_first', () => {
  const App = load('core', 'format', 'fields', 'field-date');
  const cases = [
    ['2025-03-09', '2025-03-09'],
    ['2025/3/9', '2025-03-09'],
    ['2025. 3. 9.', '2025-03-09'],
    ['2025년 3월 9일', '2025-03-09'],
    ['2025-03-09T10:00:00Z', '2025-03-09'],
    ['', null],
    [null, null],
    ['2025-02-30', undefined],
    ['3/9/2025', undefined],
    ['soon', undefined],
    [5, undefined],
  ];
  for (const [text, want] of cases) assert.equal(App.parseDate(text), want, String(text));
});

test('times_are_read_by_24_and_by_12_hours', () => {
  const App = load('core', 'format', 'fields', 'field-date');
  const time = App.fields.of({ name: 'a', type: 'time' });
  const cases = [
    ['7:05', '07:05'],
    ['18:30:10', '18:30'],
    ['12:00 am', '00:00'],
    ['1:15 PM', '13:15'],
    ['', null],
    ['24:00', undefined],
    ['13:00 pm', undefined],
    ['x', undefined],
  ];
  for (const [text, want] of cases) assert.equal(time.clean(text), want, text);
});
