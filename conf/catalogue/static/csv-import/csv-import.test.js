'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

function open() {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records', 'csv', 'csv-reader');
  App.fields.define('number', { clean: (value) => (/^\d+$/.test(value) ? Number(value) : undefined) });
  App.model = {
    entities: [
      {
        name: 'book',
        label: 'Book',
        title_field: 'title',
        fields: [
          { name: 'title', label: '제목', type: 'text', required: true },
          { name: 'pages', label: 'Pages', type: 'number' },
        ],
      },
    ],
    relations: [],
    features: [],
  };
  App.store.open(() => fakeStorage());
  return App;
}

test('lines_become_values_by_label_or_name', () => {
  const App = open();
  const result = App.csvReader.read(App.entity('book'), '제목,pages,other\nEmma,300,x\n');
  assert.deepEqual(result.good, [{ title: 'Emma', pages: 300 }]);
  assert.deepEqual(
    result.columns.map((field) => field && field.name),
    ['title', 'pages', null],
  );
});

test('what_cannot_be_used_is_named_by_its_line', () => {
  const App = open();
  const result = App.csvReader.read(App.entity('book'), 'title,Pages\nEmma,many\n,12\nOk,\n');
  assert.deepEqual(
    result.wrong.map((one) => [one.line, one.field.name, one.cell]),
    [
      [2, 'pages', 'many'],
      [3, 'title', ''],
    ],
  );
  assert.deepEqual(result.good, [{ title: 'Ok', pages: null }]);
});

test('a_line_that_is_there_already_is_not_added_twice', () => {
  const App = open();
  App.records.add(App.entity('book'), { title: 'Emma', pages: 300 });
  const result = App.csvReader.read(App.entity('book'), 'title,pages\nEmma,300\nNew,1\nNew,1\n');
  assert.deepEqual([result.good.length, result.doubles], [1, 2]);
});

test('a_file_that_is_no_such_table_is_refused', () => {
  const App = open();
  assert.equal(App.csvReader.read(App.entity('book'), '').problem, 'empty');
  assert.equal(App.csvReader.read(App.entity('book'), 'title\n').problem, 'empty');
  assert.equal(App.csvReader.read(App.entity('book'), 'x,y\n1,2\n').problem, 'columns');
});
