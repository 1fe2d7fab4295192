/*
 * tags: a row of the tags in use, most used first. Pressing tags shows the records that bear all of them.
 */
(function (App) {
  'use strict';

  const MOST = 12;

  const tagField = (entity) => App.fieldOfRole(entity, 'tags');

  const chosenOf = (state) => state.chosen || [];

  function press(state, tag) {
    const chosen = chosenOf(state);
    state.chosen = chosen.includes(tag) ? chosen.filter((one) => one !== tag) : [...chosen, tag];
  }

  /** The tags to offer: those chosen, then the most used, up to a number unless all are asked for. */
  function offered(field, records, state) {
    const used = App.choiceCounts(field, records).filter((one) => one.count > 0 || chosenOf(state).includes(one.value));
    used.sort((a, b) => b.count - a.count || App.compareText(a.label, b.label));
    const shown = used.filter((one, place) => state.isAll || place < MOST || chosenOf(state).includes(one.value));
    return { shown, hidden: used.length - shown.length };
  }

  function facet(one, state, changed) {
    return App.h(
      'button',
      {
        type: 'button',
        class: 'facet',
        'aria-pressed': String(chosenOf(state).includes(one.value)),
        'data-tag': one.value,
        'data-key': `tag:${one.value}`,
        onclick: () => {
          press(state, one.value);
          changed();
        },
      },
      `#${one.label}`,
      App.h('span', { class: 'number' }, App.format.number(one.count)),
    );
  }

  function controls(entity, state, changed) {
    const { shown, hidden } = offered(tagField(entity), App.store.all(entity.name), state);
    if (shown.length === 0) return null;
    return App.h(
      'div',
      { class: 'facets', role: 'group', 'aria-label': tagField(entity).label, 'data-feature': 'tags' },
      shown.map((one) => facet(one, state, changed)),
      hidden > 0 &&
        App.h(
          'button',
          {
            type: 'button',
            class: 'facet',
            onclick: () => {
              state.isAll = true;
              changed();
            },
          },
          App.t('tags.more', { count: App.format.number(hidden) }),
        ),
    );
  }

  App.tags = { press, offered };

  App.view.addLens({
    name: 'tags',
    order: 30,
    place: 'facets',
    hasControls: (entity) => Boolean(tagField(entity)),
    controls,
    clear: (state) => {
      state.chosen = [];
    },
    test(entity, state) {
      const field = tagField(entity);
      const chosen = chosenOf(state);
      if (!field || chosen.length === 0) return null;
      return (record) => chosen.every((tag) => (record.values[field.name] || []).includes(tag));
    },
  });
})((globalThis.App = globalThis.App || {}));
