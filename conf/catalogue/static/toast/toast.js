/*
 * toast: short messages at the bottom of the page, read out by screen readers. Errors stay until they are closed.
 */
(function (App) {
  'use strict';

  const STAY = 7000;
  const MOST = 3;
  let shelf = null;

  function place() {
    if (!shelf || !shelf.isConnected) {
      shelf = App.h('div', {
        class: 'toasts',
        'data-view': 'toasts',
        role: 'status',
        'aria-live': 'polite',
        popover: 'manual',
      });
      document.body.append(shelf);
    }
    /* Shown anew so that it lies over a dialog opened meanwhile. */
    if (shelf.matches(':popover-open')) shelf.hidePopover();
    shelf.showPopover();
    return shelf;
  }

  /* Goes away by itself, but not while someone reads or uses it. */
  function leaveLater(node) {
    let timer = setTimeout(() => node.remove(), STAY);
    const hold = () => clearTimeout(timer);
    const resume = () => {
      hold();
      timer = setTimeout(() => node.remove(), STAY);
    };
    for (const name of ['mouseenter', 'focusin']) node.addEventListener(name, hold);
    for (const name of ['mouseleave', 'focusout']) node.addEventListener(name, resume);
  }

  /** options: { isError, slot, action: { label, name, run } }. A message replaces the one before in its slot. */
  App.toast = function (text, options = {}) {
    const action =
      options.action &&
      App.h(
        'button',
        {
          type: 'button',
          class: 'toast-action',
          'data-action': options.action.name,
          onclick: () => {
            node.remove();
            options.action.run();
          },
        },
        options.action.label,
      );
    const node = App.h(
      'div',
      { class: `toast ${options.isError ? 'is-error' : ''}`.trim(), 'data-view': 'toast', 'data-slot': options.slot },
      App.icon(options.isError ? 'alert' : 'check'),
      App.h('p', null, text),
      action,
      App.iconButton('close', App.t('common.close'), { onclick: () => node.remove() }),
    );
    const all = place();
    for (const old of options.slot ? all.querySelectorAll(`[data-slot="${options.slot}"]`) : []) old.remove();
    all.append(node);
    while (all.children.length > MOST) all.firstElementChild.remove();
    if (!options.isError) leaveLater(node);
  };

  /** Tells why the store refused; gives back whether it did what was asked. */
  App.told = function (result) {
    if (!result.ok) App.toast(App.t(`store.${result.problem}`), { isError: true });
    return result.ok;
  };
})((globalThis.App = globalThis.App || {}));
