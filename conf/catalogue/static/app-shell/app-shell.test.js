'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('the_address_names_the_entity_to_show', () => {
  const App = load('core', 'format', 'start');
  App.model.entities = [{ name: 'book' }, { name: 'author' }];
  const cases = [
    ['', 'book'],
    ['#/author', 'author'],
    ['#author', 'author'],
    ['#/nothing', 'book'],
  ];
  for (const [hash, want] of cases) assert.equal(App.entityOfAddress(hash).name, want);
});
