/*
 * layout-cards: each record on a card of its own, with its picture, for things one looks at and chooses from.
 */
(function (App) {
  'use strict';

  function card(entity, record) {
    const hasPictures = entity.fields.some((field) => field.type === 'image');
    const picture = App.parts.picture(entity, record) || (hasPictures && App.icon(App.info.icon || 'image'));
    return App.parts.frame(
      'li',
      entity,
      record,
      picture && App.h('div', { class: 'card-picture' }, picture),
      App.h(
        'div',
        { class: 'card-body' },
        App.parts.marks(entity, record),
        App.h('div', { class: 'card-head' }, App.parts.tick(entity, record), App.parts.title(entity, record)),
        App.parts.excerpt(entity, record),
        App.parts.facts(entity, record),
      ),
      App.h(
        'footer',
        { class: 'card-foot' },
        App.h('span', { class: 'hint' }, App.t('card.added', { when: App.format.dayOf(record.created) })),
        App.parts.buttons(entity, record),
      ),
    );
  }

  App.page.setLayout({
    name: 'cards',
    begin(entity) {
      const node = App.h('ul', { class: 'cards', 'data-layout': 'cards' });
      return { node, add: (rows) => node.append(...rows.map((record) => card(entity, record))) };
    },
  });
})((globalThis.App = globalThis.App || {}));
