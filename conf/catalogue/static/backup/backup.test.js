'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

function open() {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records', 'backup');
  App.fields.define('number', { clean: (value) => (typeof value === 'number' ? value : undefined) });
  App.info.name = 'books';
  App.model = {
    entities: [
      { name: 'author', label: 'Author', title_field: 'name', fields: [{ name: 'name', label: 'Name', type: 'text' }] },
      {
        name: 'book',
        label: 'Book',
        title_field: 'title',
        fields: [
          { name: 'title', label: 'Title', type: 'text' },
          { name: 'pages', label: 'Pages', type: 'number' },
          { name: 'author', label: 'Author', type: 'relation', target: 'author' },
        ],
      },
    ],
    relations: [],
    features: [],
  };
  App.store.open(() => fakeStorage());
  return App;
}

function filled() {
  const App = open();
  const author = App.records.add(App.entity('author'), { name: 'Austen' }).record;
  App.records.add(App.entity('book'), { title: 'Emma', pages: 300, author: author.id });
  return App;
}

test('a_backup_brings_everything_back', () => {
  const App = filled();
  const text = JSON.stringify(App.backup.make());
  const before = JSON.stringify([App.store.all('author'), App.store.all('book')]);
  App.store.eraseAll();
  const result = App.backup.read(text);
  assert.ok(App.store.apply(App.backup.changesFor(result, false)).ok);
  assert.equal(JSON.stringify([App.store.all('author'), App.store.all('book')]), before);
  assert.equal(result.dropped, 0);
});

test('bringing_in_what_is_here_already_changes_nothing', () => {
  const App = filled();
  assert.deepEqual(App.backup.changesFor(App.backup.read(JSON.stringify(App.backup.make())), true), []);
});

test('replacing_takes_away_what_the_file_does_not_hold', () => {
  const App = filled();
  const data = App.backup.make();
  data.entities.book = [{ id: 'n', values: { title: 'New' } }];
  App.store.apply(App.backup.changesFor(App.backup.read(JSON.stringify(data)), true));
  assert.deepEqual(
    App.store.all('book').map((record) => record.values.title),
    ['New'],
  );
});

test('what_a_field_cannot_hold_is_dropped_and_counted', () => {
  const App = open();
  const data = {
    format: 1,
    entities: { book: [{ id: 'a', values: { title: 'A', pages: 'many', author: 'nobody', evil: 1 } }, 7, { id: '' }] },
  };
  const result = App.backup.read(JSON.stringify(data));
  App.store.apply(App.backup.changesFor(result, false));
  assert.deepEqual(App.store.get('book', 'a').values, { title: 'A', pages: null, author: null });
  assert.equal(result.dropped, 4);
});

test('other_files_are_refused', () => {
  const App = open();
  const cases = [
    ['{', 'unreadable'],
    ['[]', 'other'],
    ['{"entities":{}}', 'newer'],
    ['{"format":1,"entities":{}}', 'other'],
    ['{"format":9,"entities":{"book":[]}}', 'newer'],
  ];
  for (const [text, want] of cases) assert.equal(App.backup.read(text).problem, want, text);
});
