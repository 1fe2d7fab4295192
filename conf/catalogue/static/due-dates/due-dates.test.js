'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const entity = {
  name: 'task',
  label: 'Task',
  fields: [
    { name: 'due', label: 'Due', type: 'date', role: 'due' },
    { name: 'done', label: 'Done', type: 'boolean', role: 'done' },
    { name: 'status', label: 'Status', type: 'choice', role: 'status', options: [] },
  ],
};

test('a_record_is_overdue_only_until_it_is_finished', () => {
  const App = load('core', 'format', 'view', 'due-dates');
  const today = '2025-03-01';
  const cases = [
    [{ due: '2025-02-28' }, 'overdue'],
    [{ due: '2025-03-01' }, 'today'],
    [{ due: '2025-03-08' }, 'soon'],
    [{ due: '2025-03-09' }, 'later'],
    [{ due: '2025-02-28', done: true }, null],
    [{ due: '2025-02-28', status: 'completed' }, null],
    [{ due: '2025-02-28', status: 'open' }, 'overdue'],
    [{ due: null }, null],
    [{ due: 'soon' }, null],
    [{}, null],
  ];
  for (const [values, want] of cases)
    assert.equal(App.due.groupOf(App.due.daysLeft(entity, { values }, today)), want, JSON.stringify(values));
});

test('the_mark_says_how_late_it_is', () => {
  const App = load('core', 'format', 'view', 'due-dates');
  App.today = () => '2025-03-03';
  App.strings = { 'due.mark.overdue': 'Overdue ({when})', 'due.mark.coming': 'Due {when}' };
  const marks = (due) => App.view.badges(entity, { values: { due } }).map((mark) => mark.text);
  assert.deepEqual(marks('2025-03-01'), ['Overdue (2 days ago)']);
  assert.deepEqual(marks('2025-03-04'), ['Due tomorrow']);
  assert.deepEqual(marks('2025-04-04'), []);
});
