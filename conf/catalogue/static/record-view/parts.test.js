'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('a_summary_has_room_first_for_roles_then_for_what_is_required', () => {
  const App = load('core', 'parts');
  const fields = [
    { name: 'a' },
    { name: 'b', required: true },
    { name: 'c', role: 'due' },
    { name: 'd' },
    { name: 'e', role: 'rating' },
  ];
  const names = (most) =>
    App.parts
      .choose(fields, most)
      .map((field) => field.name)
      .join('');
  assert.deepEqual([1, 2, 3, 4, 9].map(names), ['c', 'ce', 'bce', 'abce', 'abcde']);
});

test('titles_pictures_and_buttons_are_not_said_twice', () => {
  const App = load('core', 'parts');
  const fields = [
    { name: 'title', type: 'text' },
    { name: 'photo', type: 'image' },
    { name: 'note', type: 'long-text' },
    { name: 'done', type: 'boolean', role: 'done' },
    { name: 'heart', type: 'boolean', role: 'favourite' },
    { name: 'kept', type: 'number' },
    { name: 'column', type: 'choice' },
  ];
  const names = App.parts.summaryFields({ title_field: 'title', fields }, ['column']).map((field) => field.name);
  assert.deepEqual(names, ['kept']);
});
