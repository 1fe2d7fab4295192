/*
 * layout-board: a column to each option of a choice, with the records as cards that move from one to the other: by
 * dragging, and by a list on the card for those who do not drag. Without such a choice the cards stand in a grid.
 */
(function (App) {
  'use strict';

  const PORTION = 40;

  /** The field whose options are the columns: the status, else a category, any closed choice, what is done; or null. */
  function boardField(entity) {
    const closed = entity.fields.filter(
      (field) => field.type === 'choice' && !field.many && field.options && field.options.length > 1,
    );
    return (
      closed.find((field) => field.role === 'status') ||
      closed.find((field) => field.role === 'category') ||
      closed[0] ||
      App.fieldOfRole(entity, 'done') ||
      null
    );
  }

  /** The columns of a field: [{ value, label }], first one for records that have no value, when there can be such. */
  function boardColumns(field) {
    if (field.type === 'boolean')
      return [
        { value: false, label: App.t('board.open') },
        { value: true, label: field.label },
      ];
    const options = field.options.map((option) => ({ value: option.value, label: option.label }));
    return field.required ? options : [{ value: null, label: App.t('common.none') }, ...options];
  }

  /** Shares the rows among the columns; a value that no column has goes to the first. */
  function share(field, columns, rows) {
    const groups = columns.map((column) => ({ ...column, rows: [] }));
    for (const record of rows) {
      const held = record.values[field.name];
      const value = field.type === 'boolean' ? held === true : held;
      (groups.find((group) => group.value === value) || groups[0]).rows.push(record);
    }
    /* The column for "no value" is only worth its space when something is in it. */
    return groups.filter((group) => group.value !== null || group.rows.length > 0);
  }

  function mover(entity, record, field, columns) {
    const select = App.h(
      'select',
      {
        class: 'input move',
        'data-action': 'move',
        'data-key': `${record.id}:move`,
        'aria-label': `${App.t('board.move')}: ${App.records.title(entity, record)}`,
        onchange: () => App.actions.set(entity, record, field.name, columns[select.selectedIndex].value),
      },
      columns.map((column) => App.h('option', { selected: column.value === record.values[field.name] }, column.label)),
    );
    return select;
  }

  function card(entity, record, field, columns) {
    const node = App.parts.frame(
      'li',
      entity,
      record,
      App.parts.picture(entity, record),
      App.parts.marks(entity, record),
      App.parts.title(entity, record),
      App.parts.excerpt(entity, record),
      App.parts.facts(entity, record, { skip: field ? [field.name] : [], most: 5 }),
      App.h(
        'footer',
        { class: 'board-foot' },
        field && mover(entity, record, field, columns),
        App.parts.buttons(entity, record),
      ),
    );
    if (field) {
      node.draggable = true;
      node.addEventListener('dragstart', (event) => {
        event.dataTransfer.setData('text/plain', record.id);
        event.dataTransfer.effectAllowed = 'move';
      });
    }
    return node;
  }

  function acceptDrops(node, entity, field, value) {
    node.addEventListener('dragover', (event) => {
      event.preventDefault();
      node.classList.add('is-over');
    });
    node.addEventListener('dragleave', (event) => {
      if (!node.contains(event.relatedTarget)) node.classList.remove('is-over');
    });
    node.addEventListener('drop', (event) => {
      event.preventDefault();
      node.classList.remove('is-over');
      const record = App.store.get(entity.name, event.dataTransfer.getData('text/plain'));
      if (record && record.values[field.name] !== value) App.actions.set(entity, record, field.name, value);
    });
  }

  function toneOf(field, value) {
    if (value === null) return 7;
    return field.type === 'choice' ? App.choiceTone(field, value) : Number(value) * 2;
  }

  function column(entity, field, columns, group) {
    const list = App.h('ul', { class: 'column-list' });
    const more = App.button(App.t('board.more'), { class: 'button quiet', onclick: give });
    let given = 0;
    function give() {
      list.append(...group.rows.slice(given, given + PORTION).map((record) => card(entity, record, field, columns)));
      given += PORTION;
      more.hidden = given >= group.rows.length;
    }
    give();
    const node = App.h(
      'section',
      { class: 'column', 'data-column': String(group.value), 'aria-label': group.label },
      App.h(
        'header',
        { class: 'column-head' },
        App.h('span', { class: 'swatch', 'data-tone': toneOf(field, group.value) }),
        App.h('h3', null, group.label),
        App.h('span', { class: 'column-count' }, App.format.number(group.rows.length)),
      ),
      list,
      more,
    );
    acceptDrops(node, entity, field, group.value);
    return node;
  }

  function grid(entity) {
    const node = App.h('ul', { class: 'board-grid', 'data-layout': 'board' });
    return { node, add: (rows) => node.append(...rows.map((record) => card(entity, record, null, []))) };
  }

  App.board = { field: boardField, columns: boardColumns, share };

  App.boardLayout = {
    name: 'board',
    begin(entity) {
      const field = boardField(entity);
      if (!field) return grid(entity);
      const columns = boardColumns(field);
      const node = App.h('div', { class: 'board', 'data-layout': 'board' });
      return {
        node,
        isWhole: true,
        add: (rows) =>
          App.fill(
            node,
            share(field, columns, rows).map((group) => column(entity, field, columns, group)),
          ),
      };
    },
  };
  if (App.page) App.page.setLayout(App.boardLayout);
})((globalThis.App = globalThis.App || {}));
