'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('particles_follow_the_last_letter', () => {
  const App = load('core', 'format');
  const cases = [
    ['책', '을', '를', '을'],
    ['영화', '을', '를', '를'],
    ['서울', '으로', '로', '로'],
    ['집', '으로', '로', '으로'],
    ['3', '을', '를', '을'],
    ['7', '으로', '로', '로'],
    ['6', '으로', '로', '으로'],
    ['PR', '이', '가', '이'],
    ['Star', '이', '가', '가'],
    ['Reading', '은', '는', '은'],
    ['책 (2권)', '을', '를', '을'],
    ['왜?', '’을', '’를', '’를'],
    ['2', '을', '를', '를'],
    ['', '을', '를', '를'],
  ];
  for (const [word, closed, open, want] of cases) assert.equal(App.particle(word, closed, open), want, word);
});

test('texts_take_their_arguments_as_plain_text', () => {
  const App = load('core', 'format');
  App.strings = {
    a: 'Delete "{title}"?',
    b: '{title:을/를} 지울까요?',
    c: 'Add the first {label:lower}',
    d: '‘{title:’을/’를} 지웠습니다',
    'n.one': '{count} book',
    'n.other': '{count} books',
  };
  assert.equal(App.t('a', { title: '$& {x}' }), 'Delete "$& {x}"?');
  assert.equal(App.t('b', { title: '책' }), '책을 지울까요?');
  for (const [label, want] of [
    ['Task', 'task'],
    ['Time entry', 'time entry'],
    ['DVD', 'DVD'],
    ['QR code', 'QR code'],
    ['책', '책'],
  ])
    assert.equal(App.t('c', { label }), `Add the first ${want}`);
  assert.equal(App.t('d', { title: '영화' }), '‘영화’를 지웠습니다');
  assert.equal(App.tn('n', 1), '1 book');
  assert.equal(App.tn('n', 1200), '1,200 books');
  assert.equal(App.t('absent'), 'absent');
});

test('an_event_reaches_each_listener_until_it_leaves', () => {
  const App = load('core', 'format');
  const seen = [];
  const leave = App.on('x', (detail) => seen.push(detail));
  App.emit('x', 1);
  leave();
  App.emit('x', 2);
  assert.deepEqual(seen, [1]);
});

test('only_real_days_have_a_number', () => {
  const App = load('core', 'format');
  assert.equal(App.format.dayNumber('1970-01-02'), 1);
  assert.equal(App.format.dayNumber('2024-02-29') - App.format.dayNumber('2024-02-28'), 1);
  for (const wrong of ['2023-02-29', '2024-13-01', '24-01-01', 'today', ''])
    assert.ok(Number.isNaN(App.format.dayNumber(wrong)), wrong);
});

test('money_is_written_in_its_currency', () => {
  const App = load('core', 'format');
  assert.equal(App.format.money(1234.5, 'USD'), '$1,234.50');
  assert.equal(App.format.moneyDigits('KRW'), 0);
});

test('folded_texts_compare_equal', () => {
  const App = load('core', 'format');
  assert.equal(App.fold('  Ｃafé\n BAR '), App.fold('cafe\u0301 bar'));
});

test('ids_are_made_where_node_keeps_crypto_in_a_module', (t) => {
  const kept = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  const helper = require.resolve('./helper.js');
  t.after(() => Object.defineProperty(globalThis, 'crypto', kept));
  delete globalThis.crypto;
  delete require.cache[helper];
  const App = require(helper).load('core', 'format');
  assert.notEqual(App.uid(), App.uid());
});
