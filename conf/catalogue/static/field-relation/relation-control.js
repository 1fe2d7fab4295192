/*
 * relation-control: picks records of another entity from a list, and makes a new one on the spot.
 */
(function (App) {
  'use strict';

  function choices(target) {
    const named = App.store
      .all(target.name)
      .map((record) => ({ id: record.id, title: App.records.title(target, record) }));
    return named.sort((a, b) => App.compareText(a.title, b.title));
  }

  function titleOf(target, id) {
    const record = App.store.get(target.name, id);
    return record ? App.records.title(target, record) : '';
  }

  App.controls = {
    ...App.controls,

    relation(field, value, ids) {
      const target = App.entity(field.target);
      let picked = (field.many ? [...(value || [])] : [value]).filter((id) => id && App.store.get(target.name, id));
      const select = App.h('select', {
        class: 'input',
        id: ids.id,
        'aria-describedby': ids.describedBy,
        required: Boolean(field.required),
      });
      const held = App.h('ul', { class: 'tokens' });
      const add = App.button(
        App.t('relation.new', { label: target.label }),
        { 'data-action': 'new-related', onclick: makeNew },
        'plus',
      );
      const node = App.h(
        'div',
        { class: 'relation-control' },
        field.many && held,
        App.h('div', { class: 'row' }, select, add),
      );

      function draw() {
        const first = App.h(
          'option',
          { value: '' },
          field.many ? App.t('relation.add') : field.required ? App.t('relation.pick') : App.t('common.none'),
        );
        const open = choices(target).filter((one) => !field.many || !picked.includes(one.id));
        App.fill(
          select,
          first,
          open.map((one) => App.h('option', { value: one.id }, one.title)),
        );
        if (!field.many) select.value = picked[0] || '';
        App.fill(
          held,
          picked.map((id) =>
            App.h(
              'li',
              { class: 'token' },
              titleOf(target, id),
              App.h(
                'button',
                {
                  type: 'button',
                  class: 'token-remove',
                  'aria-label': App.t('relation.remove', { title: titleOf(target, id) }),
                  onclick: () => drop(id),
                },
                App.icon('close'),
              ),
            ),
          ),
        );
      }
      function pick(id) {
        if (!field.many) picked = id ? [id] : [];
        else if (id) picked.push(id);
        draw();
      }
      function drop(id) {
        picked = picked.filter((one) => one !== id);
        draw();
        select.focus();
      }
      function makeNew() {
        App.form.open(target, null, {
          onSaved: (record) => {
            pick(record.id);
            select.focus();
          },
        });
      }

      select.addEventListener('change', () => pick(select.value));
      draw();
      return { node, focus: select, read: () => (field.many ? [...picked] : picked[0] || null) };
    },
  };
})((globalThis.App = globalThis.App || {}));
