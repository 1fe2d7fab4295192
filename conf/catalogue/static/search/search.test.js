'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

function open() {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records', 'view', 'search');
  App.model = {
    entities: [
      {
        name: 'book',
        label: 'Book',
        title_field: 'title',
        fields: [
          { name: 'title', type: 'text', label: 'Title' },
          { name: 'note', type: 'text', label: 'Note' },
        ],
      },
    ],
    relations: [],
    features: [],
  };
  App.store.open(() => fakeStorage());
  return App;
}

test('every_word_must_be_found', () => {
  const App = open();
  const cases = [
    ['emma', 'Emma by Austen', true],
    ['EMMA austen', 'Emma by Austen', true],
    ['emma x', 'Emma by Austen', false],
    ['', 'anything', true],
    ['독서', '나의 독서 기록', true],
    ['ㄷㅅ', '나의 독서 기록', true],
    ['ㄷㅅ ㄱㄹ', '나의 독서 기록', true],
    ['ㅋㅋ', '독서', false],
    ['Ｅｍｍａ', 'emma', true],
  ];
  for (const [query, text, want] of cases)
    assert.equal(App.search.holds(App.fold(text), App.search.wordsOf(query)), want, query);
});

test('search_reads_every_field_and_notices_changes', () => {
  const App = open();
  const book = App.entity('book');
  const { record } = App.records.add(book, { title: 'Emma', note: 'Highbury' });
  App.view.state(book, 'search').query = 'highbury';
  assert.equal(App.view.rows(book).length, 1);
  App.records.update(book, record, { note: '' });
  assert.equal(App.view.rows(book).length, 0);
});
