/*
 * sha256: SHA-256, HMAC and PBKDF2 in plain JavaScript, for pages where the browser gives no crypto.subtle (some give
 * none to a file opened from disk). The tests hold it against Node's own. It works in slices, so the page stays alive.
 */
(function (App) {
  'use strict';

  const SLICE = 4000; /* rounds between two breaths */

  /* The first 32 bits of the fractions of the cube roots of the first 64 primes; of square roots for the start. */
  function fractions(count, root) {
    const found = [];
    for (let n = 2; found.length < count; n++) {
      let isPrime = true;
      for (let d = 2; d * d <= n; d++) if (n % d === 0) isPrime = false;
      if (isPrime) found.push(Math.floor((n ** (1 / root) % 1) * 4294967296));
    }
    return found;
  }
  const K = new Uint32Array(fractions(64, 3));
  const START = new Uint32Array(fractions(8, 2));
  const w = new Uint32Array(64);

  const turn = (x, by) => (x >>> by) | (x << (32 - by));

  /* Takes 16 words into the state. */
  function compress(state, words) {
    for (let i = 0; i < 16; i++) w[i] = words[i];
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15];
      const b = w[i - 2];
      w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }

  /* The bytes as words with the padding that SHA-256 wants; ahead: bytes that went in before. */
  function padded(bytes, ahead) {
    const all = new Uint8Array((Math.floor((bytes.length + 8) / 64) + 1) * 64);
    all.set(bytes);
    all[bytes.length] = 0x80;
    const view = new DataView(all.buffer);
    view.setUint32(all.length - 8, Math.floor((bytes.length + ahead) / 536870912));
    view.setUint32(all.length - 4, ((bytes.length + ahead) * 8) >>> 0);
    return wordsOf(all);
  }

  function wordsOf(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4));
  }

  function bytesOf(words) {
    const bytes = new Uint8Array(words.length * 4);
    words.forEach((word, i) => new DataView(bytes.buffer).setUint32(i * 4, word));
    return bytes;
  }

  function digest(start, bytes, ahead) {
    const state = Uint32Array.from(start);
    const words = padded(bytes, ahead);
    for (let i = 0; i < words.length; i += 16) compress(state, words.subarray(i, i + 16));
    return state;
  }

  const sha256 = (bytes) => bytesOf(digest(START, bytes, 0));

  /* HMAC's two halves with the key already taken in: most of PBKDF2's work is done once. */
  function keyed(key) {
    const block = new Uint8Array(64);
    block.set(key.length > 64 ? sha256(key) : key);
    const half = (pad) => {
      const state = Uint32Array.from(START);
      compress(state, wordsOf(block.map((byte) => byte ^ pad)));
      return state;
    };
    return { inner: half(0x36), outer: half(0x5c) };
  }

  const hmac = (key, bytes) => digest(key.outer, bytesOf(digest(key.inner, bytes, 64)), 64);

  /* HMAC of 32 bytes as words, in place: one block each way. */
  function hmacWords(key, block, state) {
    state.set(key.inner);
    compress(state, block);
    block.set(state);
    state.set(key.outer);
    compress(state, block);
    block.set(state);
  }

  const breathe = () =>
    new Promise((resolve) => {
      setTimeout(resolve, 0);
    });

  /** PBKDF2-HMAC-SHA-256 with a key of 32 bytes. */
  async function pbkdf2(password, salt, rounds) {
    const key = keyed(password);
    const first = new Uint8Array(salt.length + 4);
    first.set(salt);
    first[salt.length + 3] = 1;
    const result = hmac(key, first);
    const block = new Uint32Array(16);
    block.set(result);
    block[8] = 0x80000000;
    block[15] = (64 + 32) * 8;
    const state = new Uint32Array(8);
    for (let round = 1; round < rounds; round++) {
      hmacWords(key, block, state);
      for (let i = 0; i < 8; i++) result[i] ^= block[i];
      if (round % SLICE === 0) await breathe();
    }
    return bytesOf(result);
  }

  App.sha256 = { sha256, pbkdf2 };
})((globalThis.App = globalThis.App || {}));
