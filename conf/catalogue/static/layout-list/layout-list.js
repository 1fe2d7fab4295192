/*
 * layout-list: one record to a line. Dense, for things one goes through and ticks off.
 */
(function (App) {
  'use strict';

  function row(entity, record) {
    return App.parts.frame(
      'li',
      entity,
      record,
      App.parts.tick(entity, record),
      App.h(
        'div',
        { class: 'row-main' },
        App.h('div', { class: 'row-head' }, App.parts.title(entity, record), App.parts.marks(entity, record)),
        App.parts.excerpt(entity, record),
        App.parts.facts(entity, record),
      ),
      App.parts.picture(entity, record),
      App.parts.buttons(entity, record),
    );
  }

  App.page.setLayout({
    name: 'list',
    begin(entity) {
      const node = App.h('ul', { class: 'rows', 'data-layout': 'list' });
      return { node, add: (rows) => node.append(...rows.map((record) => row(entity, record))) };
    },
  });
})((globalThis.App = globalThis.App || {}));
