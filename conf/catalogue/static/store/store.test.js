'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

const model = {
  entities: [
    {
      name: 'book',
      label: 'Book',
      title_field: 'title',
      fields: [{ name: 'title', label: 'Title', type: 'text', required: true }],
    },
    { name: 'author', label: 'Author', title_field: 'name', fields: [{ name: 'name', label: 'Name', type: 'text' }] },
  ],
  relations: [],
  features: [],
};

function open(storage) {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records');
  App.model = model;
  App.store.open(() => storage);
  return App;
}

const record = (id, title) => ({ id, created: 'c', updated: 'u', values: { title } });
const adding = (entity, id, title) => ({ entity, id, before: null, after: record(id, title) });

test('a_record_is_there_after_opening_again', () => {
  const storage = fakeStorage();
  const App = open(storage);
  const { record: made } = App.records.add(App.entity('book'), { title: 'Emma' });
  const again = open(storage);
  assert.equal(again.store.get('book', made.id).values.title, 'Emma');
  assert.ok([...Array(storage.length).keys()].every((i) => storage.key(i).startsWith('test/')));
});

test('two_apps_do_not_see_each_other', () => {
  const storage = fakeStorage();
  open(storage).store.apply([adding('book', 'a', 'A')]);
  const other = load('core', 'format', 'storage', 'store', 'fields', 'records');
  other.info.id = 'other';
  other.model = model;
  other.store.open(() => storage);
  assert.deepEqual(other.store.all('book'), []);
});

test('a_damaged_text_is_kept_aside_and_told', () => {
  const texts = ['{"schema":1,"records":[{"id":"a"', '"text"', '{"schema":1,"records":[{"id":"a","values":{}},7]}'];
  for (const text of texts) {
    const storage = fakeStorage();
    storage.setItem('test/data/book', text);
    const App = open(storage);
    assert.deepEqual(
      App.store.problems().map((problem) => problem.kind),
      ['damaged'],
    );
    assert.equal(storage.getItem('test/damaged/book/1'), text);
    assert.ok(App.store.apply([adding('book', 'b', 'B')]).ok);
    assert.equal(storage.getItem('test/damaged/book/1'), text);
  }
});

test('a_damaged_text_that_cannot_be_copied_is_not_overwritten', () => {
  const storage = fakeStorage(60);
  const text = 'x'.repeat(40);
  storage.setItem('test/data/book', text);
  const App = open(storage);
  assert.deepEqual(App.store.apply([adding('book', 'b', 'B')]), { ok: false, problem: 'damaged' });
  assert.equal(storage.getItem('test/data/book'), text);
});

test('data_of_a_newer_app_is_only_read', () => {
  const storage = fakeStorage();
  const text = '{"schema":99,"records":[]}';
  storage.setItem('test/data/book', text);
  const App = open(storage);
  assert.deepEqual(App.store.apply([adding('book', 'b', 'B')]), { ok: false, problem: 'newer' });
  assert.equal(storage.getItem('test/data/book'), text);
});

test('a_full_storage_changes_nothing', () => {
  const storage = fakeStorage(400);
  const App = open(storage);
  assert.ok(App.store.apply([adding('book', 'a', 'A')]).ok);
  const before = storage.getItem('test/data/book');
  const both = [adding('book', 'b', 'B'), adding('author', 'c', 'x'.repeat(400))];
  assert.deepEqual(App.store.apply(both), { ok: false, problem: 'full' });
  assert.equal(storage.getItem('test/data/book'), before);
  assert.equal(App.store.get('book', 'b'), null);
});

test('a_change_of_another_tab_is_not_lost', () => {
  const storage = fakeStorage();
  const first = open(storage);
  const second = open(storage);
  first.store.apply([adding('book', 'a', 'A')]);
  assert.ok(second.store.apply([adding('book', 'b', 'B')]).ok);
  assert.deepEqual(
    second.store.all('book').map((one) => one.id),
    ['a', 'b'],
  );
});

test('a_change_on_top_of_an_outdated_record_is_refused', () => {
  const storage = fakeStorage();
  const App = open(storage);
  App.store.apply([adding('book', 'a', 'A')]);
  const stale = App.store.get('book', 'a');
  App.records.update(App.entity('book'), stale, { title: 'B' });
  const late = { entity: 'book', id: 'a', before: stale, after: record('a', 'C') };
  assert.deepEqual(App.store.apply([late]), { ok: false, problem: 'stale' });
  assert.equal(App.store.get('book', 'a').values.title, 'B');
});

test('edits_of_two_tabs_meet_unless_they_change_the_same_value', () => {
  const storage = fakeStorage();
  const first = open(storage);
  const seen = first.records.add(first.entity('book'), { title: 'A', note: '' }).record;
  const second = open(storage);
  assert.ok(
    second.records.update(second.entity('book'), second.store.get('book', seen.id), { note: 'new', title: 'A' }).ok,
  );
  assert.ok(first.records.update(first.entity('book'), seen, { title: 'B', note: '' }).ok);
  assert.deepEqual(first.store.get('book', seen.id).values, { title: 'B', note: 'new' });
  assert.deepEqual(first.records.update(first.entity('book'), seen, { note: 'other' }), {
    ok: false,
    problem: 'stale',
  });
  first.records.remove(first.entity('book'), first.store.get('book', seen.id));
  assert.equal(second.records.update(second.entity('book'), seen, { title: 'C' }).problem, 'stale');
});

test('without_a_storage_the_app_works_and_says_so', () => {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records');
  App.model = model;
  App.store.open(() => {
    throw new Error('blocked');
  });
  assert.deepEqual(
    App.store.problems().map((problem) => problem.kind),
    ['memory'],
  );
  assert.ok(App.store.apply([adding('book', 'a', 'A')]).ok);
});

test('values_without_a_field_survive_an_edit', () => {
  const App = open(fakeStorage());
  const old = record('a', 'A');
  old.values.gone = 'kept';
  App.store.apply([{ entity: 'book', id: 'a', before: null, after: old }]);
  App.records.update(App.entity('book'), old, { title: 'B' });
  assert.deepEqual(App.store.get('book', 'a').values, { title: 'B', gone: 'kept' });
});

test('erasing_takes_only_what_is_ours', () => {
  const storage = fakeStorage();
  storage.setItem('other/data/book', 'x');
  const App = open(storage);
  App.store.apply([adding('book', 'a', 'A')]);
  App.store.pref('theme', 'dark');
  App.store.eraseAll();
  assert.deepEqual(App.store.all('book'), []);
  assert.equal(storage.length, 1);
});
