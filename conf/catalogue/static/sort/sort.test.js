'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

function open() {
  const App = load('core', 'format', 'storage', 'store', 'fields', 'records', 'view', 'sort');
  App.page = { update() {} };
  App.fields.define('number', { compare: (a, b) => a - b });
  App.model = {
    entities: [
      {
        name: 'book',
        label: 'Book',
        title_field: 'title',
        fields: [
          { name: 'title', label: 'Title', type: 'text' },
          { name: 'stars', label: 'Stars', type: 'number', role: 'rating' },
        ],
      },
    ],
    relations: [],
    features: [],
  };
  App.store.open(() => fakeStorage());
  for (const [title, stars] of [
    ['b', 2],
    ['a', null],
    ['c', 10],
  ])
    App.records.add(App.entity('book'), { title, stars });
  return App;
}

const titles = (App) =>
  App.view
    .rows(App.entity('book'))
    .map((record) => record.values.title)
    .join('');

test('a_list_is_ordered_by_a_field_and_turned_round', () => {
  const App = open();
  const book = App.entity('book');
  assert.equal(titles(App), 'cab');
  App.sort.turn(book, 'title');
  assert.equal(titles(App), 'abc');
  App.sort.turn(book, 'title');
  assert.equal(titles(App), 'cba');
});

test('the_best_rated_is_first_and_the_unrated_last', () => {
  const App = open();
  App.sort.turn(App.entity('book'), 'stars');
  assert.equal(titles(App), 'cba');
  App.sort.turn(App.entity('book'), 'stars');
  assert.equal(titles(App), 'bca');
});

test('an_order_by_a_field_that_is_gone_is_forgotten', () => {
  const App = open();
  App.store.pref('sort/book', 'gone:1');
  assert.equal(titles(App), 'cab');
  assert.equal(App.sort.directionOf(App.entity('book'), 'gone'), 0);
});
