/*
 * record-form: makes and edits a record in a dialog. The rows come from the model, the controls from the field types.
 */
(function (App) {
  'use strict';

  const HALF_TYPES = new Set(['number', 'money', 'date', 'time']);

  function label(field, control, id) {
    const mark = field.required ? null : App.h('span', { class: 'optional' }, App.t('field.optional'));
    if (control.isGroup) return App.h('legend', { class: 'label' }, field.label, mark);
    return App.h('label', { class: 'label', for: id }, field.label, control.isInline ? null : mark);
  }

  /* One field: { field, control, node, showError }. */
  function makeRow(entity, field, value) {
    const id = `f-${App.uid()}`;
    const ids = { id, describedBy: `${id}-error` };
    const control = App.fields.of(field).control(field, value, ids, entity);
    const error = App.h('p', { class: 'field-error', id: ids.describedBy });
    const width = HALF_TYPES.has(field.type) && !field.role ? 'is-half' : '';
    const node = App.h(
      control.isGroup ? 'fieldset' : 'div',
      {
        class: `field-row ${control.isInline ? 'is-inline' : width}`.trim(),
        'data-field': field.name,
        'data-type': field.type,
        'data-role': field.role,
        'aria-describedby': control.isGroup ? ids.describedBy : null,
      },
      label(field, control, id),
      control.node,
      error,
    );
    const input = control.focus || control.node;

    function showError(found) {
      App.fill(error, found && App.icon('alert'), found && App.t(found.key, found.args));
      if (found) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    }
    return { field, control, node, input, showError };
  }

  /* { values, errors } of what the rows say now. */
  function readRows(entity, rows) {
    const values = {};
    const unreadable = {};
    for (const row of rows) {
      const value = row.control.read();
      if (value === undefined)
        unreadable[row.field.name] = { key: App.fields.of(row.field).unreadable || `field.bad.${row.field.type}` };
      values[row.field.name] = value === undefined ? null : value;
    }
    return { values, errors: { ...App.records.check(entity, values), ...unreadable } };
  }

  /* Shows what is wrong and goes to the first of it; gives whether all is well. */
  function showErrors(rows, errors) {
    for (const row of rows) row.showError(errors[row.field.name]);
    const first = rows.find((row) => errors[row.field.name]);
    if (first) first.input.focus();
    return !first;
  }

  function save(entity, record, values) {
    if (!record) return App.records.add(entity, values);
    return { ...App.records.update(entity, record, values), record };
  }

  function askToLeave() {
    return App.confirm({
      title: App.t('form.leave.title'),
      text: App.t('form.leave.text'),
      action: App.t('form.leave.action'),
      isDanger: true,
    });
  }

  /* The model's own default goes before what the type would offer. */
  function suggested(entity) {
    const offers = entity.fields.map((field) => [field.name, field.default ?? App.fields.of(field).suggest(field)]);
    return Object.fromEntries(offers);
  }

  function formBody(id, rows) {
    return App.h(
      'form',
      { id, class: 'form', novalidate: true, autocomplete: 'off' },
      rows.map((row) => row.node),
    );
  }

  App.form = {
    /** Opens the form for a record, or for a new one when record is null. options: { values, onSaved(record) } */
    open(entity, record, options = {}) {
      const start = record ? record.values : { ...suggested(entity), ...options.values };
      const rows = entity.fields.map((field) => makeRow(entity, field, start[field.name]));
      const id = `form-${App.uid()}`;
      const form = formBody(id, rows);
      let isTouched = false;

      async function submit(event) {
        event.preventDefault();
        for (const row of rows) if (row.control.ready) await row.control.ready();
        const { values, errors } = readRows(entity, rows);
        if (!showErrors(rows, errors)) return;
        const result = save(entity, record, values);
        if (!App.told(result)) return;
        dialog.close();
        if (options.onSaved) options.onSaved(result.record);
      }
      form.addEventListener('submit', submit);
      form.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      });

      const dialog = App.dialog({
        view: 'form',
        title: App.t(record ? 'form.edit' : 'form.new', { label: entity.label }),
        body: form,
        footer: [
          App.button(App.t('common.cancel'), { 'data-action': 'cancel', onclick: () => dialog.close() }),
          App.h(
            'button',
            { type: 'submit', class: 'button primary', form: id, 'data-action': 'save' },
            App.t(record ? 'common.save' : 'form.create'),
          ),
        ],
        mayClose: () => !isTouched || askToLeave(),
      });
      /* Only from now on, since building the controls counts as no change. */
      form.addEventListener('input', () => {
        isTouched = true;
      });
      rows[0].input.focus();
    },
  };
})((globalThis.App = globalThis.App || {}));
