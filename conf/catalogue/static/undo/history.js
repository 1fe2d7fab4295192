/*
 * history: what was done, so that it can be taken back step by step, and done again.
 *
 * A step is the list of changes that the store was given; turned round it takes them back. The store itself refuses a
 * step when a record has changed since, for instance in another tab.
 */
(function (App) {
  'use strict';

  const MOST = 100;

  const turned = (changes) =>
    changes
      .slice()
      .reverse()
      .map((change) => ({ entity: change.entity, id: change.id, before: change.after, after: change.before }));

  /** apply(changes, note) does changes and gives { ok }. */
  App.makeHistory = function (apply) {
    let past = [];
    let future = [];

    function go(from, to, kind) {
      const step = from.pop();
      if (!step) return null;
      const changes = kind === 'undo' ? turned(step.changes) : step.changes;
      const result = apply(changes, { ...step.note, kind, of: step.note.kind });
      if (result.ok) to.push(step);
      return { ...result, note: step.note };
    }

    return {
      /** Remembers a step that was done; what had been taken back cannot be done again after it. */
      add(changes, note) {
        past = [...past, { changes, note: note || {} }].slice(-MOST);
        future = [];
      },
      undo: () => go(past, future, 'undo'),
      redo: () => go(future, past, 'redo'),
      canUndo: () => past.length > 0,
      canRedo: () => future.length > 0,
    };
  };
})((globalThis.App = globalThis.App || {}));
