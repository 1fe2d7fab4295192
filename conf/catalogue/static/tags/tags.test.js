'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const field = { name: 'tags', label: 'Tags', type: 'choice', role: 'tags', many: true, open: true, options: [] };
const entity = { name: 'book', fields: [field] };
const bearing = (...tags) => ({ values: { tags } });
const make = () => load('core', 'format', 'fields', 'field-choice', 'view', 'tags');

test('a_record_must_bear_every_pressed_tag', () => {
  const App = make();
  const state = App.view.state(entity, 'tags');
  const [lens] = App.view.lenses();
  assert.equal(lens.test(entity, state), null);
  App.tags.press(state, 'a');
  App.tags.press(state, 'b');
  const both = lens.test(entity, state);
  assert.deepEqual([bearing('a', 'b', 'c'), bearing('a'), { values: {} }].map(both), [true, false, false]);
  App.tags.press(state, 'b');
  assert.equal(lens.test(entity, state)(bearing('a')), true);
});

test('the_most_used_tags_are_offered_first', () => {
  const App = make();
  const records = [bearing('x'), bearing('y', 'x'), ...Array.from({ length: 20 }, (_, i) => bearing(`t${i}`))];
  const { shown, hidden } = App.tags.offered(field, records, {});
  assert.equal(shown[0].value, 'x');
  assert.equal(shown.length, 12);
  assert.equal(hidden, 10);
});
