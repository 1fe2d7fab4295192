/*
 * start: the order in which the page comes up. Every script has been read when this runs.
 */
(function (App) {
  'use strict';

  const gates = [];

  /** Something to be passed before the page is shown: gate(root) is a promise. */
  App.addGate = (gate) => gates.push(gate);

  /** The entity that the address names after "#/", else the first. */
  App.entityOfAddress = function (hash) {
    const name = decodeURIComponent(hash.replace(/^#\/?/, ''));
    return App.entity(name) || App.model.entities[0];
  };

  function showAddressed() {
    const entity = App.entityOfAddress(location.hash);
    App.page.show(entity, App.shell.main());
    App.emit('page:shown', entity);
  }

  /* Numbers beside the age of things would be wrong after midnight on a page left open. */
  function watchTheDay() {
    let day = App.today();
    document.addEventListener('visibilitychange', () => {
      if (document.hidden || day === App.today()) return;
      day = App.today();
      App.page.update();
    });
  }

  async function start() {
    const root = document.getElementById('app');
    App.store.open(() => globalThis.localStorage);
    App.emit('app:opened');
    App.shell.drawTabIcon();
    for (const gate of gates) await gate(root);
    App.shell.draw(root);
    showAddressed();
    window.addEventListener('hashchange', showAddressed);
    App.on('store:changed', App.page.update);
    watchTheDay();
    document.body.setAttribute('data-ready', 'true');
  }

  if (typeof document !== 'undefined') document.addEventListener('DOMContentLoaded', start);
})((globalThis.App = globalThis.App || {}));
