'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('a_role_has_the_first_word', () => {
  const App = load('core', 'format', 'fields');
  App.fields.define('number', { name: 'number' });
  App.fields.define('role:rating', { name: 'rating' });
  assert.equal(App.fields.of({ type: 'number' }).name, 'number');
  assert.equal(App.fields.of({ type: 'number', role: 'rating' }).name, 'rating');
  assert.equal(App.fields.of({ type: 'number', role: 'due' }).name, 'number');
});

test('records_without_a_value_come_last_both_ways', () => {
  const App = load('core', 'format', 'fields');
  const field = { name: 'a', type: 'text' };
  for (const direction of [1, -1]) {
    const sorted = ['b', null, 'a', ''].sort((a, b) => App.fields.compare(field, a, b, direction));
    assert.deepEqual(sorted.slice(0, 2), direction === 1 ? ['a', 'b'] : ['b', 'a']);
  }
});
