'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

function open(fields) {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records', 'view');
  App.model = {
    entities: [{ name: 'task', label: 'Task', title_field: 'title', fields }],
    relations: [],
    features: [],
  };
  App.store.open(() => fakeStorage());
  for (const [title, done] of [
    ['a', true],
    ['b', false],
    ['c', true],
  ])
    App.records.add(App.entity('task'), { title, done });
  return App;
}

const plain = [{ name: 'title', label: 'Title', type: 'text' }];
const titles = (App, except) =>
  App.view
    .rows(App.entity('task'), except)
    .map((record) => record.values.title)
    .join('');

test('the_newest_is_first', () => assert.equal(titles(open(plain)), 'cba'));

test('what_is_done_sinks', () => {
  assert.equal(titles(open([...plain, { name: 'done', label: 'Done', type: 'boolean', role: 'done' }])), 'bca');
});

test('what_is_due_soonest_is_above_what_is_due_never', () => {
  const App = open([...plain, { name: 'due', label: 'Due', type: 'date', role: 'due' }]);
  const [a, b] = App.store.all('task');
  App.records.update(App.entity('task'), b, { due: '2026-01-02' });
  App.records.update(App.entity('task'), a, { due: '2026-01-31' });
  assert.equal(titles(App), 'bac');
});

test('every_lens_has_its_say_and_can_be_left_out', () => {
  const App = open(plain);
  App.view.addLens({
    name: 'x',
    test: (entity, state) => state.on && ((record) => record.values.title !== 'a'),
    clear: (state) => {
      state.on = false;
    },
  });
  App.view.addLens({ name: 'y', test: () => (record) => record.values.title !== 'b' });
  assert.equal(titles(App), 'ca');
  App.view.state(App.entity('task'), 'x').on = true;
  assert.equal(titles(App), 'c');
  assert.equal(titles(App, 'x'), 'ca');
  App.view.clear(App.entity('task'));
  assert.equal(titles(App), 'ca');
});

test('two_thousand_records_are_ordered_at_once', () => {
  const App = open(plain);
  const changes = Array.from({ length: 2000 }, (_, i) => ({
    entity: 'task',
    id: `r${i}`,
    before: null,
    after: { id: `r${i}`, created: '', updated: '', values: { title: String(i) } },
  }));
  assert.ok(App.store.apply(changes).ok);
  const start = process.hrtime.bigint();
  assert.equal(App.view.rows(App.entity('task')).length, 2003);
  assert.ok(Number(process.hrtime.bigint() - start) / 1e6 < 500);
});
