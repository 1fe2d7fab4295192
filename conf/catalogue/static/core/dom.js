/*
 * dom: makes elements. The only way this app puts text on the page, and it never reads text as HTML.
 */
(function (App) {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  /* These are set as properties: as attributes they would only be the first value. */
  const PROPERTIES = new Set(['value', 'checked', 'disabled', 'selected', 'hidden', 'readOnly', 'indeterminate']);

  function setProp(node, name, value) {
    if (value === undefined || value === null || value === false) return;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }

  function append(node, children) {
    for (const child of children.flat(Infinity)) {
      if (child === null || child === undefined || child === false || child === '') continue;
      node.append(child); /* a string becomes a text node: "<b>" stays "<b>" */
    }
    return node;
  }

  /** h('button', { class: 'plain', onclick: fn }, 'Save'): an element with its attributes and children. */
  App.h = function (tag, props, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props || {})) setProp(node, name, value);
    return append(node, children);
  };

  /** The same for a part of a drawing. */
  App.svg = function (tag, props, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(props || {})) setProp(node, name, value);
    return append(node, children);
  };

  /** A line icon of icons.js. It is decoration: the words beside it, or the button's label, say what it means. */
  App.icon = function (name, className) {
    const path = App.icons[name] || App.icons.dot;
    return App.svg(
      'svg',
      {
        class: `icon ${className || ''}`.trim(),
        viewBox: '0 0 24 24',
        'aria-hidden': 'true',
        focusable: 'false',
      },
      path.map((d) => App.svg('path', { d })),
    );
  };

  /** A button that shows an icon and says its label to those who cannot see it. */
  App.iconButton = function (icon, label, props) {
    return App.h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': label, title: label, ...props },
      App.icon(icon),
    );
  };

  App.button = function (label, props, icon) {
    return App.h(
      'button',
      { type: 'button', class: 'button', ...props },
      icon && App.icon(icon),
      App.h('span', null, label),
    );
  };

  /** Replaces what a node holds. */
  App.fill = function (node, ...children) {
    node.replaceChildren();
    return append(node, children);
  };

  /** Where the keyboard is, said so that it can be found again after a redraw. */
  App.focusKey = function () {
    const holder = document.activeElement && document.activeElement.closest('[data-key]');
    return holder ? holder.getAttribute('data-key') : null;
  };

  App.focusByKey = function (key, root) {
    const node = key && (root || document).querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!node || node.getClientRects().length === 0) return false;
    node.focus({ preventScroll: true });
    return document.activeElement === node;
  };

  /** Where the keyboard goes when what it was on is gone: the button to add, wherever it now is. */
  App.focusAdd = () => App.focusByKey('add') || App.focusByKey('add-first');
})((globalThis.App = globalThis.App || {}));
