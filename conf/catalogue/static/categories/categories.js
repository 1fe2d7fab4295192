/*
 * categories: a row of the categories with how many records each has. One is shown at a time, or all.
 */
(function (App) {
  'use strict';

  const categoryField = (entity) => App.fieldOfRole(entity, 'category');

  function facet(label, count, value, field, state, changed) {
    const isChosen = (state.chosen ?? null) === value;
    return App.h(
      'button',
      {
        type: 'button',
        class: 'facet',
        'aria-pressed': String(isChosen),
        'data-category': value ?? '',
        'data-key': `category:${value ?? ''}`,
        onclick: () => {
          state.chosen = isChosen ? null : value;
          changed();
        },
      },
      value !== null && App.h('span', { class: 'swatch', 'data-tone': App.choiceTone(field, value) }),
      label,
      App.h('span', { class: 'number' }, App.format.number(count)),
    );
  }

  function controls(entity, state, changed) {
    const field = categoryField(entity);
    const rows = App.view.rows(entity, 'categories');
    const counts = App.choiceCounts(field, rows);
    return App.h(
      'div',
      { class: 'facets', role: 'group', 'aria-label': field.label, 'data-feature': 'categories' },
      facet(App.t('common.all'), rows.length, null, field, state, changed),
      counts.map((one) => facet(one.label, one.count, one.value, field, state, changed)),
    );
  }

  App.view.addLens({
    name: 'categories',
    order: 10,
    place: 'facets',
    hasControls: (entity) => Boolean(categoryField(entity)),
    controls,
    clear: (state) => {
      state.chosen = null;
    },
    test(entity, state) {
      const field = categoryField(entity);
      if (!field || (state.chosen ?? null) === null) return null;
      return (record) => record.values[field.name] === state.chosen;
    },
  });
})((globalThis.App = globalThis.App || {}));
