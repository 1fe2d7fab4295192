/*
 * shell: the frame of the page: the name, a place for tools, a menu, and messages about the data.
 *
 * Features put tools and menu entries in before the page starts; the shell draws them in their order.
 */
(function (App) {
  'use strict';

  const tools = [];
  const entries = [];

  const inOrder = (list, item) => {
    list.push({ order: 50, ...item });
    list.sort((a, b) => a.order - b.order);
  };

  function brand() {
    return App.h(
      'div',
      { class: 'brand' },
      App.h('span', { class: 'brand-mark' }, App.icon(App.info.icon || 'list')),
      App.h('h1', null, App.info.title),
    );
  }

  function entry(item, close) {
    return App.h(
      'li',
      null,
      App.h(
        'button',
        {
          type: 'button',
          class: 'menu-entry',
          'data-action': item.name,
          'data-feature': item.feature || null,
          onclick: () => {
            close();
            item.run();
          },
        },
        App.icon(item.icon),
        App.t(item.label),
      ),
    );
  }

  /* A button that shows and hides a list of buttons: plain Tab goes through it, Escape closes it. */
  function menu() {
    if (entries.length === 0) return null;
    const id = 'menu-list';
    const button = App.iconButton('more', App.t('shell.menu'), {
      'data-action': 'menu',
      'data-key': 'menu',
      'aria-expanded': 'false',
      'aria-controls': id,
      onclick: () => set(list.hidden),
    });
    const list = App.h(
      'ul',
      { class: 'menu-list', id, hidden: true },
      entries.map((item) =>
        entry(item, () => {
          set(false);
          button.focus();
        }),
      ),
    );
    const node = App.h('div', { class: 'menu' }, button, list);

    function set(isOpen) {
      list.hidden = !isOpen;
      button.setAttribute('aria-expanded', String(isOpen));
    }
    node.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || list.hidden) return;
      set(false);
      button.focus();
    });
    node.addEventListener('focusout', (event) => {
      if (event.relatedTarget && !node.contains(event.relatedTarget)) set(false);
    });
    document.addEventListener('pointerdown', (event) => {
      if (!node.contains(event.target)) set(false);
    });
    return node;
  }

  function problemNote(problem) {
    const close = App.iconButton('close', App.t('common.close'), { onclick: () => node.remove() });
    const save =
      problem.text &&
      App.button(
        App.t('store.problem.download'),
        {
          onclick: () => App.saveFile(App.fileName(problem.entity, 'txt'), 'text/plain', problem.text),
        },
        'download',
      );
    const node = App.h(
      'div',
      { class: 'notice', role: 'alert', 'data-problem': problem.kind },
      App.icon('alert'),
      App.h('p', null, App.t(`store.problem.${problem.kind}`)),
      save,
      close,
    );
    return node;
  }

  App.shell = {
    /** A part of the header: { order, render() }. */
    addTool: (tool) => inOrder(tools, tool),

    /** An entry of the menu: { order, name, feature, label (key), icon, run() }. */
    addEntry: (item) => inOrder(entries, item),

    main: () => document.getElementById('main'),

    draw(root) {
      const notices = App.h('div', { class: 'notices' }, App.store.problems().map(problemNote));
      App.on('store:problem', (problem) => notices.append(problemNote(problem)));
      App.fill(
        root,
        App.h(
          'a',
          {
            class: 'skip',
            href: '#main',
            onclick: (event) => {
              event.preventDefault();
              App.shell.main().focus();
            },
          },
          App.t('shell.skip'),
        ),
        App.h(
          'header',
          { class: 'app-head' },
          App.h(
            'div',
            { class: 'app-head-in' },
            brand(),
            App.h('div', { class: 'head-nav' }, App.navigation && App.navigation.render()),
            App.h(
              'div',
              { class: 'tools' },
              tools.map((tool) => tool.render()),
              menu(),
            ),
          ),
        ),
        notices,
        App.h('main', { id: 'main', class: 'main', tabindex: '-1' }),
      );
    },

    /* The drawing in the browser's tab: the app's mark on its colour. */
    drawTabIcon() {
      const colour = getComputedStyle(document.documentElement).getPropertyValue('--tab-colour').trim() || '#4338ca';
      const paths = (App.icons[App.info.icon] || App.icons.list).map((d) => `<path d="${d}"/>`).join('');
      const svg =
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="11" fill="${colour}"/>` +
        `<g transform="translate(8 8)" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${paths}</g></svg>`;
      document.head.append(App.h('link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(svg)}` }));
    },
  };
})((globalThis.App = globalThis.App || {}));
