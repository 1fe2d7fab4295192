/*
 * page: one entity's page: its heading, the controls of the lenses, the panels, and the records by the layout.
 *
 * A layout is { name, begin(entity) } and begin gives { node, add(rows), isWhole }. Rows come in portions, so that two
 * thousand records cost no more than the first few dozen until someone scrolls to them; what isWhole gets all at once.
 */
(function (App) {
  'use strict';

  const PORTION = 60;
  let layout = null;
  let shown = null; /* the parts of the page on screen: { entity, list, count, facets, panels, ... } */

  function addButton(entity) {
    return App.button(
      App.t('record.add', { label: entity.label }),
      {
        class: 'button primary add',
        'data-action': 'add',
        'data-key': 'add',
        onclick: () => App.form.open(entity, null),
      },
      'plus',
    );
  }

  function lensControls(entity, place) {
    return App.view
      .lenses()
      .filter((lens) => lens.place === place && lens.controls && lens.hasControls(entity))
      .map((lens) => lens.controls(entity, App.view.state(entity, lens.name), update));
  }

  function emptyState(entity) {
    return App.h(
      'div',
      { class: 'empty', 'data-view': 'empty' },
      App.h('span', { class: 'empty-picture' }, App.icon(App.info.icon || 'list')),
      App.h('h3', null, App.t('list.empty.title', { label: entity.plural_label || entity.label })),
      App.h('p', null, App.t('list.empty.text', { label: entity.label })),
      App.button(
        App.t('list.empty.action', { label: entity.label }),
        {
          class: 'button primary',
          'data-action': 'add',
          'data-key': 'add-first',
          onclick: () => App.form.open(entity, null),
        },
        'plus',
      ),
    );
  }

  function noMatch(entity) {
    return App.h(
      'div',
      { class: 'empty', 'data-view': 'no-match' },
      App.h('span', { class: 'empty-picture' }, App.icon('search')),
      App.h('h3', null, App.t('list.none.title')),
      App.h('p', null, App.t('list.none.text')),
      App.button(App.t('list.none.action'), {
        'data-action': 'clear',
        onclick: () => {
          App.view.clear(entity);
          App.page.show(entity);
        },
      }),
    );
  }

  /* Rows come when the end of the list comes into sight, or by the button for those who do not scroll. */
  function fillList(entity, rows) {
    const body = layout.begin(entity);
    let given = 0;
    const more = App.button('', { class: 'button more', 'data-action': 'more', onclick: give });
    const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && give(), {
      rootMargin: '400px',
    });

    function give() {
      const part = rows.slice(given, body.isWhole ? undefined : given + PORTION);
      given += part.length;
      body.add(part);
      more.hidden = given >= rows.length;
      more.lastChild.textContent = App.t('list.more', { count: App.format.number(rows.length - given) });
      if (more.hidden) watcher.disconnect();
    }
    give();
    if (!more.hidden) watcher.observe(more);
    return {
      nodes: [body.node, more],
      given: () => given,
      grow: (count) => {
        while (given < Math.min(count, rows.length)) give();
      },
      end: () => watcher.disconnect(),
    };
  }

  function drawList(entity, rows) {
    const before = shown.filled;
    if (before) before.end();
    shown.filled = null;
    if (rows.length === 0) {
      App.fill(shown.list, App.view.isNarrowed(entity) ? noMatch(entity) : emptyState(entity));
      return;
    }
    shown.filled = fillList(entity, rows);
    if (before) shown.filled.grow(before.given()); /* what was on screen stays on screen */
    App.fill(shown.list, shown.filled.nodes);
  }

  function countText(entity, rows) {
    const all = App.store.all(entity.name).length;
    if (all === 0) return '';
    const label = all === 1 ? entity.label : entity.plural_label || entity.label;
    return App.view.isNarrowed(entity)
      ? App.t('list.count.of', { shown: App.format.number(rows.length), all: App.format.number(all), label })
      : App.tn('list.count', all, { label });
  }

  /* The record after a deleted one is where the keyboard goes on. */
  function keepFocus(draw) {
    const key = App.focusKey();
    const records = [...shown.list.querySelectorAll('[data-record]')].map((node) => node.getAttribute('data-record'));
    draw();
    if (!key || App.focusKey() === key || App.focusByKey(key)) return;
    const [id, action] = key.split(':');
    const later = records
      .slice(records.indexOf(id) + 1)
      .concat(records.slice(0, Math.max(0, records.indexOf(id))).reverse());
    if (!records.includes(id) || !later.some((next) => App.focusByKey(`${next}:${action}`))) App.focusAdd();
  }

  /** Draws again what depends on the records and the lenses' state. */
  function update() {
    if (!shown) return;
    const { entity } = shown;
    const rows = App.view.rows(entity);
    keepFocus(() => {
      App.fill(shown.facets, lensControls(entity, 'facets'));
      App.fill(
        shown.panels,
        App.store.all(entity.name).length > 0 && App.view.panels().map((panel) => panel.render(entity, rows)),
      );
      drawList(entity, rows);
    });
    shown.count.textContent = countText(entity, rows);
    shown.root.setAttribute('data-count', rows.length);
    shown.root.classList.toggle('has-none', App.store.all(entity.name).length === 0);
  }

  App.page = {
    setLayout: (one) => {
      layout = one;
    },
    layout: () => layout,

    /** Puts an entity's page into the main element. */
    show(entity, into) {
      const place = into || shown.root.parentNode;
      const parts = {
        entity,
        filled: null,
        count: App.h('p', { class: 'count', role: 'status' }),
        facets: App.h('div', { class: 'facet-rows' }),
        panels: App.h('div', { class: 'panels' }),
        list: App.h('div', { class: 'list-place' }),
      };
      parts.root = App.h(
        'section',
        { class: 'page', 'data-view': 'page', 'data-entity': entity.name, 'aria-labelledby': 'page-title' },
        App.h(
          'header',
          { class: 'page-head' },
          App.h('div', null, App.h('h2', { id: 'page-title' }, entity.plural_label || entity.label), parts.count),
          addButton(entity),
        ),
        App.h('div', { class: 'bar' }, lensControls(entity, 'bar')),
        parts.facets,
        parts.panels,
        parts.list,
      );
      shown = parts;
      App.fill(place, parts.root);
      update();
    },

    entity: () => shown && shown.entity,
    update,
  };
})((globalThis.App = globalThis.App || {}));
