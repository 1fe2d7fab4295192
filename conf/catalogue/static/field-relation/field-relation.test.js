'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

function open(isRequired) {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records', 'field-relation');
  App.model = {
    entities: [
      { name: 'author', label: 'Author', title_field: 'name', fields: [{ name: 'name', label: 'Name', type: 'text' }] },
      {
        name: 'book',
        label: 'Book',
        title_field: 'title',
        fields: [
          { name: 'title', label: 'Title', type: 'text' },
          { name: 'author', label: 'Author', type: 'relation', target: 'author', required: isRequired },
          { name: 'others', label: 'Others', type: 'relation', target: 'author', many: true },
        ],
      },
    ],
    relations: [{ from: 'book', to: 'author', kind: 'many-to-one', field: 'author' }],
    features: [],
  };
  App.store.open(() => fakeStorage());
  const author = App.records.add(App.entity('author'), { name: 'Austen' }).record;
  const book = App.records.add(App.entity('book'), { title: 'Emma', author: author.id, others: [author.id] }).record;
  return { App, author, book };
}

test('deleting_a_record_empties_the_fields_that_pointed_at_it', () => {
  const { App, author, book } = open(false);
  assert.ok(App.records.remove(App.entity('author'), author).ok);
  const after = App.store.get('book', book.id).values;
  assert.equal(after.author, null);
  assert.deepEqual(after.others, []);
});

test('a_record_that_is_needed_is_not_deleted', () => {
  const { App, author } = open(true);
  assert.deepEqual(App.records.remove(App.entity('author'), author), { ok: false, problem: 'needed' });
  assert.ok(App.store.get('author', author.id));
});

test('a_title_names_a_record_when_only_one_is_called_so', () => {
  const { App, author } = open(false);
  const field = App.field(App.entity('book'), 'author');
  const type = App.fields.of(field);
  assert.equal(type.clean('austen', field), author.id);
  assert.equal(type.text(author.id, field), 'Austen');
  assert.equal(type.clean('nobody', field), undefined);
  App.records.add(App.entity('author'), { name: 'AUSTEN' });
  assert.equal(type.clean('austen', field), undefined);
});

test('backlinks_name_the_records_that_point_here', () => {
  const { App, author } = open(false);
  const [links] = App.backlinks('author', author.id);
  assert.deepEqual(
    links.records.map((record) => record.values.title),
    ['Emma'],
  );
});

test('a_pointer_to_nothing_is_not_a_value', () => {
  const { App } = open(false);
  const field = App.field(App.entity('book'), 'author');
  assert.equal(App.fields.of(field).check('gone', field).key, 'field.bad.relation');
});
