/*
 * field-relation: one or many records of another entity.
 *
 * The value is the other record's id. Deleting a record that others point at is decided here: a field that may be empty
 * is emptied in the same change, a required one does not allow the deletion.
 */
(function (App) {
  'use strict';

  const listOf = (value) => (Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]);

  function targets(field, value) {
    return listOf(value)
      .map((id) => App.store.get(field.target, id))
      .filter(Boolean);
  }

  function text(value, field) {
    const target = App.entity(field.target);
    return targets(field, value)
      .map((record) => App.records.title(target, record))
      .join('; ');
  }

  /* Names a record by its id or by its title when only one is called so. */
  function find(word, field) {
    if (typeof word !== 'string') return undefined;
    if (App.store.get(field.target, word)) return word;
    const target = App.entity(field.target);
    const named = App.store
      .all(field.target)
      .filter((record) => App.fold(App.records.title(target, record)) === App.fold(word));
    return named.length === 1 ? named[0].id : undefined;
  }

  function clean(value, field) {
    if (App.fields.base.isEmpty(value)) return field.many ? [] : null;
    if (!field.many) return find(Array.isArray(value) ? value[0] : value, field);
    const ids = (Array.isArray(value) ? value : String(value).split(';')).map((word) =>
      find(String(word).trim(), field),
    );
    return ids.includes(undefined) ? undefined : [...new Set(ids)];
  }

  function without(value, id) {
    return Array.isArray(value) ? value.filter((one) => one !== id) : null;
  }

  /* What the deletion of a record means for one entity that may point at it. */
  function planFor(entity, fields, id) {
    const plan = { changes: [], blockers: [] };
    for (const record of App.store.all(entity.name)) {
      const pointing = fields.filter((field) => listOf(record.values[field.name]).includes(id));
      if (pointing.length === 0) continue;
      const values = { ...record.values };
      for (const field of pointing) values[field.name] = without(values[field.name], id);
      const lacks = pointing.some((field) => field.required && App.fields.base.isEmpty(values[field.name]));
      if (lacks) plan.blockers.push({ entity, record });
      else
        plan.changes.push({
          entity: entity.name,
          id: record.id,
          before: record,
          after: { ...record, updated: new Date().toISOString(), values },
        });
    }
    return plan;
  }

  /** The fields of other entities that may point at records of this one: [{ entity, fields }]. */
  App.pointingAt = function (entityName) {
    return App.model.entities
      .map((entity) => ({
        entity,
        fields: entity.fields.filter((field) => field.type === 'relation' && field.target === entityName),
      }))
      .filter((one) => one.fields.length > 0);
  };

  /** The records that point at a record: [{ entity, records }], for the page of that record. */
  App.backlinks = function (entityName, id) {
    return App.pointingAt(entityName).map(({ entity, fields }) => ({
      entity,
      field: fields[0],
      records: App.store
        .all(entity.name)
        .filter((record) => fields.some((field) => listOf(record.values[field.name]).includes(id))),
    }));
  };

  App.records.addGuard((entity, record) => {
    const plans = App.pointingAt(entity.name).map((one) => planFor(one.entity, one.fields, record.id));
    return {
      /* A record that points at itself goes anyway. */
      changes: plans.flatMap((plan) => plan.changes).filter((change) => change.id !== record.id),
      blockers: plans.flatMap((plan) => plan.blockers).filter((one) => one.record.id !== record.id),
    };
  });

  function link(field, record) {
    const title = App.records.title(App.entity(field.target), record);
    return App.h(
      'button',
      {
        type: 'button',
        class: 'link-button',
        'data-action': 'open-related',
        onclick: () => App.emit('record:open', { entity: field.target, id: record.id }),
      },
      title,
    );
  }

  App.fields.define('relation', {
    clean,
    text,
    isTold: (value) => listOf(value).length > 0,
    check: (value, field) =>
      targets(field, value).length === listOf(value).length ? null : { key: 'field.bad.relation' },
    show: (value, field) =>
      App.h(
        'span',
        { class: 'links' },
        targets(field, value).map((record) => link(field, record)),
      ),
    control: (field, value, ids) => App.controls.relation(field, value, ids),
  });
})((globalThis.App = globalThis.App || {}));
