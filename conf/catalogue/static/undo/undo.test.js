'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

function open() {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records', 'history');
  App.model = {
    entities: [
      { name: 'book', label: 'Book', title_field: 'title', fields: [{ name: 'title', label: 'Title', type: 'text' }] },
    ],
    relations: [],
    features: [],
  };
  App.store.open(() => fakeStorage());
  const history = App.makeHistory((changes, note) => App.store.apply(changes, note));
  App.on('store:changed', ({ changes, note }) => {
    if (note && note.kind !== 'undo' && note.kind !== 'redo') history.add(changes, note);
  });
  return { App, history };
}

const titles = (App) =>
  App.store
    .all('book')
    .map((record) => record.values.title)
    .join('');

test('each_step_is_taken_back_and_done_again', () => {
  const { App, history } = open();
  const book = App.entity('book');
  const { record } = App.records.add(book, { title: 'a' });
  App.records.add(book, { title: 'b' });
  App.records.update(book, record, { title: 'A' });
  App.records.remove(book, App.store.get('book', record.id));
  const seen = [titles(App)];
  while (history.canUndo()) {
    history.undo();
    seen.push([...titles(App)].sort().join(''));
  }
  while (history.canRedo()) {
    history.redo();
    seen.push([...titles(App)].sort().join(''));
  }
  assert.deepEqual(seen, ['b', 'Ab', 'ab', 'a', '', 'a', 'ab', 'Ab', 'b']);
});

test('a_new_step_ends_what_could_be_done_again', () => {
  const { App, history } = open();
  App.records.add(App.entity('book'), { title: 'a' });
  history.undo();
  App.records.add(App.entity('book'), { title: 'b' });
  assert.equal(history.canRedo(), false);
});

test('a_record_changed_since_is_not_taken_back', () => {
  const { App, history } = open();
  const { record } = App.records.add(App.entity('book'), { title: 'a' });
  App.store.apply([{ entity: 'book', id: record.id, before: record, after: { ...record, values: { title: 'x' } } }]);
  assert.equal(history.undo().problem, 'stale');
  assert.equal(titles(App), 'x');
});
