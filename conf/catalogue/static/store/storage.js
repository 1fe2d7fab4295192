/*
 * storage: localStorage behind a narrow door.
 *
 * Every key begins with the app's id, because pages opened from disk may all share one storage. Where the browser gives
 * none (blocked, or a private window) texts are kept in memory and isLasting says so, so that the app can warn.
 */
(function (App) {
  'use strict';

  function memory() {
    const map = new Map();
    return {
      get length() {
        return map.size;
      },
      key: (index) => [...map.keys()][index],
      getItem: (key) => (map.has(key) ? map.get(key) : null),
      setItem: (key, text) => {
        map.set(key, text);
      },
      removeItem: (key) => {
        map.delete(key);
      },
    };
  }

  /* Asking for localStorage may itself throw, and having it does not mean that it takes anything. */
  function probe(find, key) {
    try {
      const backend = find();
      backend.setItem(key, '1');
      backend.removeItem(key);
      return backend;
    } catch (error) {
      /* A full storage still holds what was saved: it must be read, not replaced by an empty one. */
      return error && error.name === 'QuotaExceededError' ? find() : null;
    }
  }

  /** find: a function that gives a Storage. Only its keys that begin with the app's id are touched. */
  App.openStorage = function (find, id) {
    const found = probe(find, `${id}/probe`);
    const backend = found || memory();
    const full = (key) => `${id}/${key}`;
    return {
      isLasting: Boolean(found),
      full,
      read: (key) => backend.getItem(full(key)),
      remove: (key) => backend.removeItem(full(key)),

      /** null when it was kept, else why it was not: what was there before is still there. */
      write(key, text) {
        try {
          backend.setItem(full(key), text);
          return null;
        } catch (error) {
          return 'full';
        }
      },

      keys() {
        const all = [];
        for (let i = 0; i < backend.length; i++) all.push(backend.key(i));
        return all
          .filter((key) => key && key.startsWith(full('')))
          .map((key) => key.slice(full('').length))
          .sort();
      },
    };
  };
})((globalThis.App = globalThis.App || {}));
