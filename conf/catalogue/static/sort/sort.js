/*
 * sort: orders the list by a field or by age. What was chosen is remembered in this browser.
 */
(function (App) {
  'use strict';

  const UNSORTED = new Set(['image', 'long-text']);
  const HIGH_FIRST = new Set(['rating', 'favourite']);
  let redraw = () => {};

  const sortFields = (entity) => entity.fields.filter((field) => !UNSORTED.has(field.type));

  const prefName = (entity) => `sort/${entity.name}`;

  /** { by, direction } where by is a field's name or "created"; null when nothing was chosen. */
  function choice(entity) {
    const [by, direction] = (App.store.pref(prefName(entity)) || '').split(':');
    const isKnown = by === 'created' || sortFields(entity).some((field) => field.name === by);
    return isKnown ? { by, direction: direction === '-1' ? -1 : 1 } : null;
  }

  function choose(entity, by, direction) {
    App.store.pref(prefName(entity), by ? `${by}:${direction}` : null);
    redraw();
    App.page.update();
  }

  function firstDirection(entity, by) {
    const field = App.field(entity, by);
    return by === 'created' || (field && HIGH_FIRST.has(field.role)) ? -1 : 1;
  }

  /** A function that orders two records by a choice. */
  function comparer(entity, { by, direction }) {
    if (by === 'created') return (a, b) => (a.created < b.created ? -1 : Number(a.created > b.created)) * direction;
    const field = App.field(entity, by);
    return (a, b) => App.fields.compare(field, a.values[by], b.values[by], direction);
  }

  function controls(entity) {
    const select = App.h(
      'select',
      {
        class: 'input',
        'aria-label': App.t('sort.label'),
        'data-key': 'sort',
        onchange: () => choose(entity, select.value, firstDirection(entity, select.value)),
      },
      App.h('option', { value: '' }, App.t('sort.default')),
      App.h('option', { value: 'created' }, App.t('sort.created')),
      sortFields(entity).map((field) => App.h('option', { value: field.name }, field.label)),
    );
    const turn = App.iconButton('down', App.t('sort.turn'), {
      'data-action': 'sort-turn',
      'data-key': 'sort-turn',
      onclick: () => choose(entity, choice(entity).by, -choice(entity).direction),
    });

    redraw = () => {
      const now = choice(entity);
      select.value = now ? now.by : '';
      turn.disabled = !now;
      turn.setAttribute(
        'aria-label',
        `${App.t('sort.turn')}: ${App.t(now && now.direction < 0 ? 'sort.down' : 'sort.up')}`,
      );
      App.fill(turn, App.icon(now && now.direction < 0 ? 'down' : 'up'));
    };
    redraw();
    return App.h('div', { class: 'sort', 'data-feature': 'sort' }, select, turn);
  }

  App.sort = {
    comparer,
    fields: sortFields,

    /** 1, -1, or 0 when the list is not in the order of that field. */
    directionOf(entity, by) {
      const now = choice(entity);
      return now && now.by === by ? now.direction : 0;
    },

    /** What a column's heading does: orders by it, and the second time the other way round. */
    turn(entity, by) {
      const now = App.sort.directionOf(entity, by);
      choose(entity, by, now ? -now : firstDirection(entity, by));
    },
  };

  App.view.setOrder((entity) => (choice(entity) ? comparer(entity, choice(entity)) : null));
  App.view.addLens({ name: 'sort', order: 20, controls, test: () => null });
})((globalThis.App = globalThis.App || {}));
