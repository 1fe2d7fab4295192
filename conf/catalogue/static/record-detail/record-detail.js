/*
 * record-detail: everything about one record, and the records of other kinds that point at it.
 */
(function (App) {
  'use strict';

  function value(entity, record, field) {
    const type = App.fields.of(field);
    const held = record.values[field.name];
    if (type.isEmpty(held)) return App.h('span', { class: 'hint' }, '–');
    return type.show(held, field, { entity, record, isShort: false });
  }

  function fieldList(entity, record) {
    const fields = entity.fields.filter((field) => field.name !== entity.title_field && field.type !== 'image');
    if (fields.length === 0) return null;
    return App.h(
      'dl',
      { class: 'detail-fields' },
      fields.map((field) =>
        App.h(
          'div',
          { 'data-type': field.type, 'data-value': field.name },
          App.h('dt', null, field.label),
          App.h('dd', null, value(entity, record, field)),
        ),
      ),
    );
  }

  function pictures(entity, record) {
    const fields = entity.fields.filter((field) => field.type === 'image' && record.values[field.name]);
    return fields.map((field) => App.h('figure', { class: 'detail-picture' }, value(entity, record, field)));
  }

  function backlink(group, close, owner) {
    const open = (record) =>
      App.h(
        'li',
        null,
        App.h(
          'button',
          {
            type: 'button',
            class: 'link-button',
            onclick: () => {
              close();
              App.detail.open(group.entity, record.id);
            },
          },
          App.records.title(group.entity, record),
        ),
      );
    const add = App.button(
      App.t('record.add', { label: group.entity.label }),
      {
        class: 'button quiet',
        onclick: () => {
          close();
          App.form.open(group.entity, null, {
            values: { [group.field.name]: group.field.many ? [owner.id] : owner.id },
          });
        },
      },
      'plus',
    );
    return App.h(
      'section',
      { class: 'backlinks' },
      App.h(
        'h3',
        null,
        group.entity.plural_label || group.entity.label,
        App.h('span', { class: 'hint' }, ` ${App.format.number(group.records.length)}`),
      ),
      group.records.length > 0 && App.h('ul', null, group.records.slice(0, 50).map(open)),
      add,
    );
  }

  function dates(record) {
    const made = App.t('detail.created', { when: App.format.moment(record.created) });
    const changed =
      record.updated !== record.created && App.t('detail.updated', { when: App.format.moment(record.updated) });
    return App.h('p', { class: 'hint' }, [made, changed].filter(Boolean).join(' · '));
  }

  App.detail = {
    open(entity, id) {
      const record = App.store.get(entity.name, id);
      if (!record) return;
      const current = () => App.store.get(entity.name, id);
      const links = App.backlinks ? App.backlinks(entity.name, id) : [];
      const dialog = App.dialog({
        view: 'detail',
        title: App.records.title(entity, record),
        body: [
          App.parts.marks(entity, record),
          pictures(entity, record),
          fieldList(entity, record),
          links.map((group) => backlink(group, () => dialog.close(), record)),
          dates(record),
        ],
        footer: [
          App.button(
            App.t('common.delete'),
            { class: 'button quiet danger start', 'data-action': 'delete', onclick: remove },
            'trash',
          ),
          App.button(App.t('common.edit'), { class: 'button primary', 'data-action': 'edit', onclick: edit }, 'edit'),
        ],
      });

      function edit() {
        dialog.close();
        if (current()) App.form.open(entity, current());
      }
      async function remove() {
        dialog.close();
        if (current()) await App.actions.remove(entity, current());
      }
      dialog.node.querySelector('[data-action="edit"]').focus();
    },
  };

  App.on('record:open', ({ entity, id }) => App.detail.open(App.entity(entity), id));
})((globalThis.App = globalThis.App || {}));
