'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('only_favourites_are_shown_when_asked', () => {
  const App = load('core', 'format', 'view', 'favourites');
  const entity = { name: 'book', fields: [{ name: 'loved', label: 'Loved', type: 'boolean', role: 'favourite' }] };
  const [lens] = App.view.lenses();
  assert.equal(lens.test(entity, {}), null);
  assert.equal(lens.test({ name: 'x', fields: [] }, { only: true }), null);
  assert.deepEqual(
    [true, false, null].map((loved) => lens.test(entity, { only: true })({ values: { loved } })),
    [true, false, false],
  );
});
