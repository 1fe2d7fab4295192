/*
 * theme: light, dark, or as the system says. The choice is kept in this browser and holds from the first moment.
 */
(function (App) {
  'use strict';

  const NEXT = { system: 'light', light: 'dark', dark: 'system' };
  const ICONS = { system: 'system', light: 'sun', dark: 'moon' };

  function current() {
    const kept = App.store.pref('theme');
    return kept in NEXT ? kept : 'system';
  }

  function apply(theme) {
    document.documentElement.setAttribute('data-theme', theme);
  }

  function render() {
    const button = App.iconButton('system', '', { 'data-feature': 'dark-mode', 'data-key': 'theme', onclick: turn });
    function draw() {
      const label = `${App.t('theme.label')}: ${App.t(`theme.${current()}`)}`;
      button.setAttribute('aria-label', label);
      button.title = label;
      App.fill(button, App.icon(ICONS[current()]));
    }
    function turn() {
      App.store.pref('theme', App.theme.next(current()));
      apply(current());
      draw();
    }
    draw();
    return button;
  }

  App.theme = { next: (theme) => NEXT[theme] || 'system' };

  App.on('app:opened', () => apply(current()));
  App.shell.addTool({ order: 80, render });
})((globalThis.App = globalThis.App || {}));
