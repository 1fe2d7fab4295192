'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('one_category_is_shown_or_all', () => {
  const App = load('core', 'format', 'fields', 'field-choice', 'view', 'categories');
  const entity = {
    name: 'book',
    fields: [{ name: 'kind', label: 'Kind', type: 'choice', role: 'category', options: [] }],
  };
  const [lens] = App.view.lenses();
  assert.equal(lens.test(entity, {}), null);
  assert.equal(lens.test({ name: 'x', fields: [] }, { chosen: 'a' }), null);
  const isShown = lens.test(entity, { chosen: 'a' });
  assert.deepEqual([{ values: { kind: 'a' } }, { values: { kind: 'b' } }, { values: {} }].map(isShown), [
    true,
    false,
    false,
  ]);
});
