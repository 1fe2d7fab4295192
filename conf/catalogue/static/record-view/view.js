/*
 * view: which records of an entity are shown and in which order.
 *
 * Features take part by registering a lens: it keeps its own piece of state per entity, offers controls, and says of
 * each record whether it may be seen. The page only asks rows(). Nothing here touches a document.
 *
 * A lens: { name, order, place, hasControls(entity), controls(entity, state, changed), test(entity, state),
 * clear(state) }
 *   place     'bar' (drawn once, so that typing goes on undisturbed) or 'facets' (drawn again with each change)
 *   test      gives a function of a record, or null when the lens lets everything through
 */
(function (App) {
  'use strict';

  const lenses = [];
  const panels = [];
  const badges = [];
  const quicks = [];
  const states = new Map();
  let comparer = null;

  const inOrder = (list, item) => {
    list.push(item);
    list.sort((a, b) => a.order - b.order);
  };

  /*
   * What a person wants who asked for no order: newest first, but what is due soonest stands above, with what is
   * overdue at the very top, and what is done sinks.
   */
  function byDefault(entity) {
    const done = App.fieldOfRole(entity, 'done');
    const due = App.fieldOfRole(entity, 'due');
    if (!done && !due) return null;
    const isDone = (record) => Number(Boolean(done) && record.values[done.name] === true);
    const day = (record) => (due && record.values[due.name]) || '9999-12-31';
    return (a, b) => isDone(a) - isDone(b) || (day(a) < day(b) ? -1 : Number(day(a) > day(b)));
  }

  App.view = {
    lenses: () => lenses,
    panels: () => panels,

    addLens: (lens) => inOrder(lenses, { order: 50, place: 'bar', clear() {}, hasControls: () => true, ...lens }),

    /** A part over the list that is drawn from the rows: { name, order, render(entity, rows) }. */
    addPanel: (panel) => inOrder(panels, { order: 50, ...panel }),

    /** A mark on a record: badge(entity, record) gives { text, kind, icon } or null. kind also becomes a class. */
    addBadge: (badge) => badges.push(badge),

    /** A button on a record that needs no form: quick(entity, record) gives a node or null. */
    addQuick: (quick) => quicks.push(quick),

    /** Who decides the order: comparer(entity) gives a function of two records, or null for the default order. */
    setOrder: (fn) => {
      comparer = fn;
    },

    badges: (entity, record) => badges.map((badge) => badge(entity, record)).filter(Boolean),
    quicks: (entity, record) => quicks.map((quick) => quick(entity, record)).filter(Boolean),

    /** The state that a lens keeps for an entity while the page is open. */
    state(entity, lensName) {
      const key = `${entity.name}/${lensName}`;
      if (!states.has(key)) states.set(key, {});
      return states.get(key);
    },

    tests: (entity, except) =>
      lenses
        .filter((lens) => lens.name !== except)
        .map((lens) => lens.test(entity, App.view.state(entity, lens.name)))
        .filter(Boolean),

    isNarrowed: (entity) => App.view.tests(entity).length > 0,

    clear(entity) {
      for (const lens of lenses) lens.clear(App.view.state(entity, lens.name));
    },

    /** The records to show. except: a lens that is not to count, for the numbers beside its own buttons. */
    rows(entity, except) {
      const tests = App.view.tests(entity, except);
      const rows = App.store
        .all(entity.name)
        .filter((record) => tests.every((test) => test(record)))
        .reverse();
      const compare = (comparer && comparer(entity)) || byDefault(entity);
      return compare ? rows.sort(compare) : rows;
    },
  };
})((globalThis.App = globalThis.App || {}));
