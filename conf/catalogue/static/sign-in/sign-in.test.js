'use strict';

const crypto = require('node:crypto');
const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const make = () => load('core', 'format', 'sha256', 'passphrase');
const bytes = (text) => new TextEncoder().encode(text);
const hex = (array) => Buffer.from(array).toString('hex');

test('our_own_sha256_is_sha256', () => {
  const { sha256 } = make();
  for (const length of [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const text = bytes('ab한'.repeat(length)).slice(0, length);
    assert.equal(hex(sha256.sha256(text)), crypto.createHash('sha256').update(text).digest('hex'), String(length));
  }
});

test('our_own_pbkdf2_is_pbkdf2', async () => {
  const { sha256 } = make();
  for (const [password, salt, rounds] of [
    ['password', 'salt', 1],
    ['password', 'salt', 4097],
    ['비밀 구절', 'x'.repeat(40), 10],
    ['p'.repeat(100), '', 2],
  ]) {
    const want = crypto.pbkdf2Sync(password, salt, rounds, 32, 'sha256').toString('hex');
    assert.equal(hex(await sha256.pbkdf2(bytes(password), bytes(salt), rounds)), want, password);
  }
});

test('with_and_without_the_browsers_own_the_key_is_the_same', async () => {
  const { passphrase } = make();
  const salt = bytes('0123456789abcdef');
  const own = await passphrase.derive('open sesame', salt, 1000, null);
  assert.equal(hex(own), hex(await passphrase.derive('open sesame', salt, 1000, crypto.webcrypto.subtle)));
});

test('only_the_right_passphrase_opens', async () => {
  const { passphrase } = make();
  const kept = await passphrase.lock('열려라 참깨 1', 100);
  assert.ok(!kept.includes('참깨'));
  assert.notEqual(kept, await passphrase.lock('열려라 참깨 1', 100));
  assert.equal(await passphrase.opens('열려라 참깨 1', kept), true);
  assert.equal(await passphrase.opens('열려라 참깨 1'.normalize('NFD'), kept), true);
  for (const [word, text] of [
    ['열려라 참깨 2', kept],
    ['', kept],
    ['x', ''],
    ['x', 'plain$1$00$00'],
    ['x', null],
  ])
    assert.equal(await passphrase.opens(word, text), false);
});

test('a_new_passphrase_is_long_enough_and_typed_twice', () => {
  const { passphrase } = make();
  const cases = [
    ['short', 'short', 'signin.short'],
    ['long enough', 'other', 'signin.differs'],
    ['long enough', 'long enough', null],
  ];
  for (const [first, again, want] of cases) assert.equal(passphrase.problem(first, again), want);
});
