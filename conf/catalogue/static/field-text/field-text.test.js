'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const of = (App, type) => App.fields.of({ name: 'a', type });

test('a_line_is_one_line', () => {
  const App = load('core', 'format', 'fields', 'field-text');
  assert.equal(of(App, 'text').clean('  a\n b '), 'a b');
  assert.equal(of(App, 'text').clean({}), undefined);
  assert.equal(of(App, 'text').check('x'.repeat(201)).key, 'field.long');
});

test('only_an_address_is_an_email', () => {
  const App = load('core', 'format', 'fields', 'field-text');
  const cases = [
    ['a@b.kr', true],
    ['a.b+c@d.example', true],
    ['a@b', false],
    ['a b@c.d', false],
    ['<a@b.c>', false],
  ];
  for (const [value, isGood] of cases) assert.equal(of(App, 'email').check(value) === null, isGood, value);
});

test('a_link_is_never_a_script', () => {
  const App = load('core', 'format', 'fields', 'field-text');
  const cases = [
    ['example.com/a', 'https://example.com/a', true],
    ['http://a.b', 'http://a.b', true],
    ['localhost:80/x', 'https://localhost:80/x', true],
    ['javascript:alert(1)', 'javascript:alert(1)', false],
    ['data:text/html,x', 'data:text/html,x', false],
    ['file:///etc', 'file:///etc', false],
  ];
  for (const [typed, cleaned, isGood] of cases) {
    assert.equal(of(App, 'url').clean(typed), cleaned);
    assert.equal(of(App, 'url').check(cleaned) === null, isGood, typed);
  }
});
