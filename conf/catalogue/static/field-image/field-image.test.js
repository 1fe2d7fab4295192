'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('a_picture_keeps_its_shape_when_it_shrinks', () => {
  const App = load('core', 'format', 'fields', 'field-image');
  assert.deepEqual(App.fitImage(1440, 720, 720), { width: 720, height: 360 });
  assert.deepEqual(App.fitImage(100, 50, 720), { width: 100, height: 50 });
  assert.deepEqual(App.fitImage(10000, 1, 720), { width: 720, height: 1 });
});

test('only_pictures_of_bounded_size_are_taken', () => {
  const App = load('core', 'format', 'fields', 'field-image');
  const type = App.fields.of({ name: 'a', type: 'image' });
  const cases = [
    ['data:image/png;base64,iVBORw0KGgo=', true],
    ['', null],
    [null, null],
    ['https://example.com/a.png', false],
    ['data:image/svg+xml;base64,AAAA', false],
    ['data:text/html;base64,AAAA', false],
    [`data:image/png;base64,${'A'.repeat(200000)}`, false],
  ];
  for (const [value, isGood] of cases)
    assert.equal(type.clean(value), isGood ? value : isGood === null ? null : undefined);
});
