/*
 * favourites: a heart on every record, and a button that shows only those with one.
 */
(function (App) {
  'use strict';

  const heartField = (entity) => App.fieldOfRole(entity, 'favourite');

  const has = (entity, record) => record.values[heartField(entity).name] === true;

  function heart(entity, record) {
    const field = heartField(entity);
    if (!field) return null;
    const isOn = has(entity, record);
    return App.iconButton('heart', `${field.label}: ${App.records.title(entity, record)}`, {
      class: 'icon-button heart',
      title: field.label,
      'aria-pressed': String(isOn),
      'data-action': 'favourite',
      'data-key': `${record.id}:favourite`,
      onclick: () => App.actions.set(entity, record, field.name, !isOn),
    });
  }

  function controls(entity, state, changed) {
    const count = App.view.rows(entity, 'favourites').filter((record) => has(entity, record)).length;
    return App.h(
      'div',
      { class: 'facets', 'data-feature': 'favourites' },
      App.h(
        'button',
        {
          type: 'button',
          class: 'facet',
          'aria-pressed': String(Boolean(state.only)),
          'data-key': 'favourites',
          onclick: () => {
            state.only = !state.only;
            changed();
          },
        },
        App.icon('heart'),
        App.t('favourites.only'),
        App.h('span', { class: 'number' }, App.format.number(count)),
      ),
    );
  }

  App.view.addQuick(heart);
  App.view.addLens({
    name: 'favourites',
    order: 25,
    place: 'facets',
    hasControls: (entity) => Boolean(heartField(entity)),
    controls,
    clear: (state) => {
      state.only = false;
    },
    test: (entity, state) => (state.only && heartField(entity) ? (record) => has(entity, record) : null),
  });
})((globalThis.App = globalThis.App || {}));
