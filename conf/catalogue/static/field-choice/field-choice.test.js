'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const options = [
  { value: 'low', label: '낮음' },
  { value: 'high', label: '높음' },
];
const one = { name: 'a', type: 'choice', options };
const many = { name: 'b', type: 'choice', options, many: true };
const tags = { name: 'c', type: 'choice', options: [], many: true, open: true };

const make = () => load('core', 'format', 'fields', 'field-choice');

test('a_word_becomes_the_option_it_names', () => {
  const type = make().fields.of(one);
  const cases = [
    [one, 'low', 'low'],
    [one, ' 높음 ', 'high'],
    [one, '', null],
    [one, 'other', undefined],
    [many, '낮음; high; LOW', ['low', 'high']],
    [many, ['low', 'x'], undefined],
    [many, '', []],
    [tags, 'Novel, novel;  Sci  fi', ['Novel', 'Sci fi']],
    [tags, null, []],
    [tags, [{}], undefined],
  ];
  for (const [field, value, want] of cases) assert.deepEqual(type.clean(value, field), want, JSON.stringify(value));
});

test('a_closed_list_takes_no_other_value', () => {
  const type = make().fields.of(one);
  assert.equal(type.check('low', one), null);
  assert.equal(type.check('x', one).key, 'field.bad.choice');
  assert.equal(type.check(['x'], tags), null);
});

test('options_sort_as_listed', () => {
  const App = make();
  const sorted = ['high', 'low'].sort((a, b) => App.fields.of(one).compare(a, b, one));
  assert.deepEqual(sorted, ['low', 'high']);
});

test('text_and_parse_are_each_others_reverse', () => {
  const App = make();
  for (const [field, value] of [
    [one, 'high'],
    [many, ['low', 'high']],
    [tags, ['a', '나 다']],
  ]) {
    const type = App.fields.of(field);
    assert.deepEqual(type.parse(type.text(value, field), field), value);
  }
});

test('counts_name_unused_options_too', () => {
  const App = make();
  const records = [
    { values: { a: 'low' } },
    { values: { a: 'low' } },
    { values: { a: null } },
    { values: { a: 'old' } },
  ];
  assert.deepEqual(App.choiceCounts(one, records), [
    { value: 'low', label: '낮음', count: 2 },
    { value: 'high', label: '높음', count: 0 },
    { value: 'old', label: 'old', count: 1 },
  ]);
});

test('a_status_begins_at_its_first_option', () => {
  const App = make();
  assert.equal(App.fields.of(one).empty({ ...one, role: 'status' }), 'low');
  assert.equal(App.fields.of(one).empty(one), null);
});
