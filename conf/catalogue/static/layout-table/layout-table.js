/*
 * layout-table: a line to a record and a column to a field, for things one compares. On a phone each line becomes a
 * block that names its columns. Where the app can sort, a column's heading does.
 */
(function (App) {
  'use strict';

  const MOST_COLUMNS = 7;

  function columns(entity) {
    return App.parts.choose(App.parts.summaryFields(entity), MOST_COLUMNS);
  }

  function heading(entity, field) {
    const props = { scope: 'col', 'data-type': field.type };
    if (!App.sort) return App.h('th', props, field.label);
    const direction = App.sort.directionOf(entity, field.name);
    return App.h(
      'th',
      { ...props, 'aria-sort': direction ? (direction > 0 ? 'ascending' : 'descending') : null },
      App.h(
        'button',
        {
          type: 'button',
          class: 'column-button',
          'data-action': 'sort-column',
          'data-key': `column:${field.name}`,
          onclick: () => App.sort.turn(entity, field.name),
        },
        field.label,
        direction ? App.icon(direction > 0 ? 'up' : 'down') : null,
      ),
    );
  }

  function cell(entity, record, field) {
    const type = App.fields.of(field);
    const value = record.values[field.name];
    return App.h(
      'td',
      { 'data-type': field.type, 'data-value': field.name, class: type.isTold(value, field) ? null : 'is-empty' },
      App.h('span', { class: 'cell-name' }, field.label),
      type.isEmpty(value) ? '–' : type.show(value, field, { entity, record }),
    );
  }

  function line(entity, record, fields) {
    return App.parts.frame(
      'tr',
      entity,
      record,
      App.h(
        'th',
        { scope: 'row' },
        App.h(
          'div',
          { class: 'row-head' },
          App.parts.tick(entity, record),
          App.parts.picture(entity, record),
          App.h('div', null, App.parts.title(entity, record, 'div'), App.parts.marks(entity, record)),
        ),
      ),
      fields.map((field) => cell(entity, record, field)),
      App.h('td', { class: 'cell-buttons' }, App.parts.buttons(entity, record)),
    );
  }

  App.page.setLayout({
    name: 'table',
    begin(entity) {
      const fields = columns(entity);
      const title = App.field(entity, entity.title_field) || { name: '', label: entity.label, type: 'text' };
      const body = App.h('tbody');
      const head = App.h(
        'thead',
        null,
        App.h(
          'tr',
          null,
          heading(entity, title),
          fields.map((field) => heading(entity, field)),
          App.h('th', { scope: 'col' }, App.h('span', { class: 'visually-hidden' }, App.t('table.actions'))),
        ),
      );
      const node = App.h(
        'div',
        { class: 'table-place', 'data-layout': 'table' },
        App.h('table', { class: 'table', 'aria-labelledby': 'page-title' }, head, body),
      );
      return { node, add: (rows) => body.append(...rows.map((record) => line(entity, record, fields))) };
    },
  });
})((globalThis.App = globalThis.App || {}));
