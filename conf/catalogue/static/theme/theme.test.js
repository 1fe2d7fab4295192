'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('the_switch_goes_round_all_three', () => {
  const App = load('core', 'format', 'shell', 'theme');
  const seen = ['system'];
  for (let i = 0; i < 3; i++) seen.push(App.theme.next(seen[i]));
  assert.deepEqual(seen, ['system', 'light', 'dark', 'system']);
  assert.equal(App.theme.next('nonsense'), 'system');
});
