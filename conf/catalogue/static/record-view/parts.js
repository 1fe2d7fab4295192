/*
 * parts: the pieces of a record that every layout is made of: its title, tick, marks, facts, picture and buttons.
 */
(function (App) {
  'use strict';

  const SHORT_TYPES = new Set(['image', 'long-text']);
  const QUICK_ROLES = new Set(['done', 'favourite']);
  const SORT_ROLES = new Set(['rating', 'tags']);
  const GLANCED = ['rating', 'choice', 'boolean', 'tags']; /* stars and chips, in the order in which they are shown */
  const TELLING = new Set(['rating', 'tags', 'choice', 'email', 'url']);

  function title(entity, record, level) {
    return App.h(
      level || 'h3',
      { class: 'record-title' },
      App.h(
        'button',
        {
          type: 'button',
          'data-action': 'open',
          'data-key': `${record.id}:open`,
          onclick: () => App.emit('record:open', { entity: entity.name, id: record.id }),
        },
        App.records.title(entity, record),
      ),
    );
  }

  /* The box to tick off a record, when the model has such a field. */
  function tick(entity, record) {
    const done = App.fieldOfRole(entity, 'done');
    if (!done) return null;
    return App.h('input', {
      type: 'checkbox',
      class: 'tick',
      checked: record.values[done.name] === true,
      'data-action': 'toggle-done',
      'data-key': `${record.id}:done`,
      'aria-label': `${done.label}: ${App.records.title(entity, record)}`,
      onchange: (event) => App.actions.set(entity, record, done.name, event.target.checked),
    });
  }

  function marks(entity, record) {
    const all = App.view.badges(entity, record);
    if (all.length === 0) return null;
    return App.h(
      'p',
      { class: 'marks' },
      all.map((mark) =>
        App.h(
          'span',
          { class: `mark ${mark.kind || ''}`.trim(), 'data-mark': mark.kind },
          mark.icon && App.icon(mark.icon),
          mark.text,
        ),
      ),
    );
  }

  function picture(entity, record) {
    const field = entity.fields.find((one) => one.type === 'image');
    const value = field && record.values[field.name];
    return value ? App.fields.of(field).show(value, field, { entity, record, isShort: true }) : null;
  }

  /** The fields that a summary may mention, in the model's order. */
  function summaryFields(entity, skip = []) {
    return entity.fields.filter(
      (field) =>
        field.name !== entity.title_field &&
        !SHORT_TYPES.has(field.type) &&
        !QUICK_ROLES.has(field.role) &&
        !skip.includes(field.name),
    );
  }

  const sortOf = (field) => (SORT_ROLES.has(field.role) ? field.role : field.type);

  /** Whether a field is shown with its name: not those that say what they are, as long as there is one of the sort. */
  function isNamed(field, fields) {
    if (!TELLING.has(sortOf(field))) return field.type !== 'boolean'; /* its chip bears the name */
    return fields.filter((one) => sortOf(one) === sortOf(field)).length > 1;
  }

  function fact(entity, record, field, fields) {
    const type = App.fields.of(field);
    const classes = ['fact', GLANCED.includes(sortOf(field)) && 'is-glanced', isNamed(field, fields) && 'is-named'];
    return App.h(
      'div',
      { class: classes.filter(Boolean).join(' '), 'data-type': field.type, 'data-role': field.role },
      App.h('dt', null, field.label),
      App.h(
        'dd',
        { 'data-value': field.name },
        type.show(record.values[field.name], field, { entity, record, isShort: true }),
      ),
    );
  }

  /** As many of the fields as there is room for: those with a role first, then the required; in the model's order. */
  function choose(fields, most) {
    const rank = (field) => (field.role ? 0 : field.required ? 1 : 2);
    const chosen = new Set(
      fields
        .slice()
        .sort((a, b) => rank(a) - rank(b))
        .slice(0, most),
    );
    return fields.filter((field) => chosen.has(field));
  }

  /* What is seen at a glance stands before what is read. */
  function facts(entity, record, options = {}) {
    const fields = summaryFields(entity, options.skip);
    const told = fields.filter((field) => App.fields.of(field).isTold(record.values[field.name], field));
    if (told.length === 0) return null;
    const place = (field) => [...GLANCED, sortOf(field)].indexOf(sortOf(field));
    const chosen = choose(told, options.most || 6).sort((a, b) => place(a) - place(b));
    return App.h(
      'dl',
      { class: 'facts' },
      chosen.map((field) => fact(entity, record, field, fields)),
    );
  }

  /* The first lines of the first long text. */
  function excerpt(entity, record) {
    const field = entity.fields.find(
      (one) => one.type === 'long-text' && one.name !== entity.title_field && record.values[one.name],
    );
    return field ? App.h('p', { class: 'excerpt clamp' }, record.values[field.name]) : null;
  }

  function button(entity, record, action, icon, label, run) {
    return App.iconButton(icon, `${label}: ${App.records.title(entity, record)}`, {
      title: label,
      'data-action': action,
      'data-key': `${record.id}:${action}`,
      onclick: run,
    });
  }

  function buttons(entity, record) {
    const current = () => App.store.get(entity.name, record.id);
    return App.h(
      'div',
      { class: 'record-buttons' },
      App.view.quicks(entity, record),
      button(entity, record, 'edit', 'edit', App.t('common.edit'), () => App.form.open(entity, current())),
      button(entity, record, 'delete', 'trash', App.t('common.delete'), () => App.actions.remove(entity, current())),
    );
  }

  /** The element of a record: tagged so that tests and styles find it, with a class for each mark it bears. */
  function frame(tag, entity, record, ...children) {
    const done = App.fieldOfRole(entity, 'done');
    const kinds = App.view
      .badges(entity, record)
      .map((mark) => mark.kind)
      .filter(Boolean);
    if (done && record.values[done.name]) kinds.push('is-done');
    return App.h(
      tag,
      { class: ['record', ...kinds].join(' '), 'data-record': record.id, 'data-entity': entity.name },
      children,
    );
  }

  App.parts = { title, tick, marks, picture, summaryFields, isNamed, choose, facts, excerpt, buttons, frame };
})((globalThis.App = globalThis.App || {}));
