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

test('a_value_is_named_where_it_does_not_say_what_it_is', () => {
  const App = load('core', 'parts');
  const priority = { name: 'priority', type: 'choice' };
  const severity = { name: 'severity', type: 'choice' };
  const tags = { name: 'tags', type: 'choice', role: 'tags' };
  const stars = { name: 'stars', type: 'number', role: 'rating' };
  const votes = { name: 'votes', type: 'number' };
  const cases = [
    [priority, [priority, tags, stars, votes], false],
    [priority, [priority, severity, tags], true],
    [tags, [priority, severity, tags], false],
    [stars, [stars, votes], false],
    [votes, [stars, votes], true],
    [{ type: 'boolean' }, [], false],
  ];
  for (const [field, fields, want] of cases) assert.equal(App.parts.isNamed(field, fields), want, field.name);
});
