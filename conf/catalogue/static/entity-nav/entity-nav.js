/*
 * entity-nav: a link to the page of each kind of record. They are addresses, so Back and bookmarks work.
 */
(function (App) {
  'use strict';

  let links = [];

  function mark(entity) {
    for (const link of links) {
      if (link.name === entity.name) link.node.setAttribute('aria-current', 'page');
      else link.node.removeAttribute('aria-current');
    }
  }

  function count() {
    for (const link of links) link.count.textContent = App.format.number(App.store.all(link.name).length);
  }

  function makeLink(entity) {
    const number = App.h('span', { class: 'nav-count' });
    const node = App.h(
      'a',
      {
        class: 'nav-link',
        href: `#/${encodeURIComponent(entity.name)}`,
        'data-nav': entity.name,
        'data-key': `nav:${entity.name}`,
      },
      entity.plural_label || entity.label,
      number,
    );
    return { name: entity.name, node, count: number };
  }

  App.navigation = {
    render() {
      links = App.model.entities.map(makeLink);
      count();
      App.on('page:shown', mark);
      App.on('store:changed', count);
      return App.h(
        'nav',
        { class: 'nav', 'aria-label': App.t('nav.label') },
        links.map((link) => link.node),
      );
    },
  };
})((globalThis.App = globalThis.App || {}));
