/*
 * helper: loads files of js/ into Node, in the order given, as the page would.
 *
 * Nothing here stands in for a browser: the tests touch only the parts that need none.
 */
'use strict';

const path = require('node:path');
const { webcrypto } = require('node:crypto');

/* What every browser has, and Node.js 18 keeps in a module. */
if (globalThis.crypto === undefined) globalThis.crypto = webcrypto;

function load(...names) {
  globalThis.App = {
    info: { id: 'test', lang: 'en' },
    strings: {},
    model: { entities: [], relations: [], features: [] },
  };
  for (const name of names) {
    const file = path.join(__dirname, '..', 'js', `${name}.js`);
    delete require.cache[file];
    require(file);
  }
  return globalThis.App;
}

/** A storage like localStorage; it is full when the texts are longer than limit. */
function fakeStorage(limit = Infinity) {
  const map = new Map();
  const size = () => [...map].reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  return {
    get length() {
      return map.size;
    },
    key: (index) => [...map.keys()][index] ?? null,
    getItem: (key) => (map.has(key) ? map.get(key) : null),
    removeItem: (key) => {
      map.delete(key);
    },
    setItem(key, text) {
      const before = map.get(key);
      map.set(key, String(text));
      if (size() <= limit) return;
      if (before === undefined) map.delete(key);
      else map.set(key, before);
      throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
    },
  };
}

module.exports = { load, fakeStorage };
