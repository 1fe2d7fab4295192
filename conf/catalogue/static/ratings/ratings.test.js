'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('a_rating_is_a_whole_number_of_stars', () => {
  const App = load('core', 'format', 'fields', 'ratings');
  const field = { name: 'stars', label: 'Stars', type: 'number', role: 'rating', min: 1, max: 5 };
  const type = App.fields.of(field);
  const cases = [
    [5, 5],
    ['3', 3],
    ['4/5', 4],
    ['', null],
    [null, null],
    [0, undefined],
    [6, undefined],
    [2.5, undefined],
    ['many', undefined],
  ];
  for (const [value, want] of cases) assert.equal(type.clean(value, field), want, String(value));
  assert.equal(type.check(7, field).key, 'field.bad.rating');
  assert.equal(type.check(3, field), null);
});
