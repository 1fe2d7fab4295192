'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const make = () => load('core', 'format', 'fields', 'view', 'filter');

test('a_setting_lets_through_what_it_names', () => {
  const App = make();
  App.fields.define('number', { clean: (value) => (value === '' ? null : Number(value)) });
  App.fields.define('date', { clean: (value) => value || null });
  const cases = [
    [
      { type: 'choice' },
      { is: 'a' },
      [
        ['a', true],
        ['b', false],
        [null, false],
        [['b', 'a'], true],
      ],
    ],
    [
      { type: 'boolean' },
      { is: 'no' },
      [
        [false, true],
        [null, true],
        [true, false],
      ],
    ],
    [
      { type: 'boolean' },
      { is: 'yes' },
      [
        [true, true],
        [false, false],
      ],
    ],
    [
      { type: 'number' },
      { from: '2', to: '' },
      [
        [2, true],
        [1, false],
        [null, false],
      ],
    ],
    [
      { type: 'number' },
      { from: '', to: '0' },
      [
        [0, true],
        [1, false],
      ],
    ],
    [
      { type: 'date' },
      { from: '2025-01-01', to: '2025-01-31' },
      [
        ['2025-01-31', true],
        ['2025-02-01', false],
        ['', false],
      ],
    ],
  ];
  for (const [field, setting, values] of cases) {
    for (const [value, want] of values)
      assert.equal(App.filter.testOf({ name: 'a', ...field }, setting)(value), want, `${field.type} ${value}`);
  }
});

test('nothing_set_filters_nothing', () => {
  const App = make();
  assert.equal(App.filter.testOf({ name: 'a', type: 'choice' }, {}), null);
  assert.equal(App.filter.testOf({ name: 'a', type: 'choice' }, { is: '' }), null);
});

test('fields_with_buttons_of_their_own_are_left_out', () => {
  const App = make();
  const entity = {
    fields: [
      { name: 'a', type: 'choice', role: 'tags' },
      { name: 'b', type: 'boolean', role: 'favourite' },
      { name: 'c', type: 'text' },
    ],
  };
  assert.deepEqual(
    App.filter.filterFields(entity).map((field) => field.name),
    ['a', 'b'],
  );
  App.model.features = [{ name: 'tags' }];
  assert.deepEqual(
    App.filter.filterFields(entity).map((field) => field.name),
    ['b'],
  );
});
