'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const status = {
  name: 'status',
  label: 'Status',
  type: 'choice',
  role: 'status',
  options: [
    { value: 'todo', label: 'To do' },
    { value: 'done', label: 'Done' },
  ],
};
const kind = {
  name: 'kind',
  label: 'Kind',
  type: 'choice',
  options: [
    { value: 'a', label: 'A' },
    { value: 'b', label: 'B' },
  ],
};
const finished = { name: 'finished', label: 'Finished', type: 'boolean', role: 'done' };

test('the_status_makes_the_columns_when_there_is_one', () => {
  const App = load('core', 'layout-board');
  const cases = [
    [[kind, status], 'status'],
    [[kind, finished], 'kind'],
    [[finished], 'finished'],
    [[{ ...status, options: status.options.slice(1) }], null],
    [[], null],
  ];
  for (const [fields, want] of cases) assert.equal((App.board.field({ fields }) || { name: null }).name, want);
});

test('every_record_is_in_one_column', () => {
  const App = load('core', 'layout-board');
  const rows = ['todo', 'done', null, 'gone'].map((value) => ({ values: { status: value } }));
  const groups = App.board.share(status, App.board.columns(status), rows);
  assert.deepEqual(
    groups.map((group) => group.rows.length),
    [2, 1, 1],
  );
});

test('the_column_without_a_value_is_shown_when_needed', () => {
  const App = load('core', 'layout-board');
  const groups = App.board.share(status, App.board.columns(status), [{ values: { status: 'todo' } }]);
  assert.deepEqual(
    groups.map((group) => group.value),
    ['todo', 'done'],
  );
});
