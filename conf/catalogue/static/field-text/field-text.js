/*
 * field-text: words of one line, of many lines, addresses of mail and of the web.
 */
(function (App) {
  'use strict';

  const LIMIT = 200;
  const LONG_LIMIT = 20000;

  const asText = (value) => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined);

  function oneLine(value) {
    const text = asText(value);
    return text === undefined ? undefined : text.replace(/\s+/g, ' ').trim();
  }

  const tooLong = (limit) => (value) =>
    value.length > limit ? { key: 'field.long', args: { limit: App.format.number(limit) } } : null;

  /** An address as it can be opened: only http and https, so that a link is never a script. */
  function cleanUrl(value) {
    const text = oneLine(value);
    if (!text) return text;
    return /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/]*:\d/.test(text) ? text : `https://${text}`;
  }

  function safeUrl(text) {
    try {
      const url = new URL(text);
      return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname ? url : null;
    } catch (error) {
      return null;
    }
  }

  /* An address too long for its line breaks at its joints: after "@" and "//", before "/", "?" and the like. */
  const JOINT = /(?<=@|\/\/)|(?=[?&=#])|(?<!\/)(?=\/[^/])/;
  const jointed = (text) => text.split(JOINT).map((part, i) => [i > 0 && App.h('wbr'), part]);

  function line(kind, limit, props) {
    return (field, value, ids) => {
      const node = App.fields.input(ids, {
        type: kind,
        maxlength: limit,
        value: value || '',
        required: Boolean(field.required),
        ...props,
      });
      return { node, read: () => App.fields.of(field).clean(node.value) };
    };
  }

  function paragraph(field, value, ids) {
    const node = App.h('textarea', {
      class: 'input',
      id: ids.id,
      'aria-describedby': ids.describedBy,
      rows: 4,
      maxlength: LONG_LIMIT,
      value: value || '',
      required: Boolean(field.required),
    });
    return { node, read: () => node.value.trim() };
  }

  App.fields.define('text', { empty: () => '', clean: oneLine, check: tooLong(LIMIT), control: line('text', LIMIT) });

  App.fields.define('long-text', {
    isWide: true,
    empty: () => '',
    clean: asText,
    check: tooLong(LONG_LIMIT),
    show: (value, field, context) => App.h('span', { class: context && context.isShort ? 'clamp' : 'prose' }, value),
    control: paragraph,
  });

  App.fields.define('email', {
    empty: () => '',
    clean: oneLine,
    check: (value) => (/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/.test(value) ? null : { key: 'field.bad.email' }),
    show: (value) =>
      App.h('a', { class: 'link', href: `mailto:${encodeURIComponent(value).replace('%40', '@')}` }, jointed(value)),
    control: line('email', LIMIT, { inputmode: 'email' }),
  });

  App.fields.define('url', {
    empty: () => '',
    clean: cleanUrl,
    check: (value) => (safeUrl(value) ? null : { key: 'field.bad.url' }),
    show(value, field, context) {
      const url = safeUrl(value);
      if (!url) return value;
      const words = context && context.isShort ? url.hostname.replace(/^www\./, '') : value;
      return App.h('a', { class: 'link', href: url.href, target: '_blank', rel: 'noopener noreferrer' }, jointed(words));
    },
    control: line('url', 2000, { inputmode: 'url', placeholder: 'https://' }),
  });
})((globalThis.App = globalThis.App || {}));
