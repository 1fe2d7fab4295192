'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('the_table_has_a_line_of_labels_and_a_line_to_each_record', () => {
  const App = load('core', 'format', 'fields', 'csv', 'shell', 'csv-export');
  const entity = {
    name: 'book',
    fields: [
      { name: 'title', label: '제목', type: 'text' },
      { name: 'photo', label: 'Photo', type: 'image' },
      { name: 'note', label: 'Note', type: 'text' },
    ],
  };
  const records = [{ values: { title: 'Emma', photo: 'data:', note: 'a, b' } }, { values: { title: '=x' } }];
  assert.equal(App.csvExport.table(entity, records), '제목,Note\r\nEmma,"a, b"\r\n\'=x,\r\n');
});
