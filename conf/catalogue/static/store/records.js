/*
 * records: what may be done with a record: make, change, delete, and check its values by the model.
 *
 * A record is { id, created, updated, values }. Values that no field of the model names are left alone, so that a field
 * taken out of the model by mistake has lost nothing.
 */
(function (App) {
  'use strict';

  const guards = [];

  const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

  /* Never more than the words a title needs, so that a note of ten pages can be a title too. */
  function shorten(text) {
    const line = text.split('\n', 1)[0].trim();
    return line.length > 120 ? `${line.slice(0, 119)}…` : line;
  }

  function emptyValue(entity, field) {
    if (field.default !== undefined) return field.default;
    return App.fields.of(field).empty(field, entity);
  }

  App.records = {
    /** The values a new record begins with. */
    blank(entity) {
      return Object.fromEntries(entity.fields.map((field) => [field.name, emptyValue(entity, field)]));
    },

    /** What is wrong with values: { fieldName: { key, args } }, empty when all is well. */
    check(entity, values) {
      const wrong = {};
      for (const field of entity.fields) {
        const type = App.fields.of(field);
        const value = values[field.name];
        const isEmpty = type.isEmpty(value);
        const found = isEmpty
          ? field.required
            ? { key: 'field.required', args: { label: field.label } }
            : null
          : type.check(value, field);
        if (found) wrong[field.name] = found;
      }
      return wrong;
    },

    /** A whole record for new values; the id may come from an import. */
    make(entity, values, id) {
      const now = new Date().toISOString();
      return { id: id || App.uid(), created: now, updated: now, values: { ...App.records.blank(entity), ...values } };
    },

    add(entity, values) {
      const record = App.records.make(entity, values);
      const change = { entity: entity.name, id: record.id, before: null, after: record };
      return {
        ...App.store.apply([change], { kind: 'add', entity: entity.name, title: App.records.title(entity, record) }),
        record,
      };
    },

    /**
     * Changes some values. seen: the record as its editor saw it. What another tab changed meanwhile is kept; when both
     * changed the same value differently, nothing is done and the problem is 'stale'.
     */
    update(entity, seen, values) {
      const before = App.store.current(entity.name, seen.id);
      const own = Object.entries(values).filter(([name, value]) => !same(value, seen.values[name]));
      const isClash = ([name, value]) =>
        !same(before.values[name], seen.values[name]) && !same(before.values[name], value);
      if (!before || own.some(isClash)) return { ok: false, problem: 'stale' };
      const after = {
        ...before,
        updated: new Date().toISOString(),
        values: { ...before.values, ...Object.fromEntries(own) },
      };
      const change = { entity: entity.name, id: before.id, before, after };
      return App.store.apply([change], { kind: 'edit', entity: entity.name, title: App.records.title(entity, after) });
    },

    /** Lets a part have its word before a deletion: guard(entity, record) gives { changes, blockers }. */
    addGuard: (guard) => guards.push(guard),

    /** What deleting a record means: the changes to make, and the records that do not allow it. */
    planRemoval(entity, record) {
      const plans = guards.map((guard) => guard(entity, record));
      const own = { entity: entity.name, id: record.id, before: record, after: null };
      return {
        changes: [...plans.flatMap((plan) => plan.changes), own],
        touched: plans.flatMap((plan) => plan.changes),
        blockers: plans.flatMap((plan) => plan.blockers),
      };
    },

    remove(entity, record) {
      const plan = App.records.planRemoval(entity, record);
      if (plan.blockers.length > 0) return { ok: false, problem: 'needed' };
      return App.store.apply(plan.changes, {
        kind: 'delete',
        entity: entity.name,
        title: App.records.title(entity, record),
      });
    },

    /** What a record is called: its title field, or the first text it has, or a word for "no name". */
    title(entity, record) {
      const named = App.field(entity, entity.title_field);
      const order = named ? [named, ...entity.fields.filter((field) => field !== named)] : entity.fields;
      for (const field of order) {
        const type = App.fields.of(field);
        const value = record.values[field.name];
        const text = type.isEmpty(value) ? '' : shorten(type.label(value, field));
        if (text) return text;
      }
      return App.t('record.untitled');
    },

    /** All of a record's texts in one, for searching. */
    searchText(entity, record) {
      return App.fold(
        entity.fields
          .map((field) => {
            const value = record.values[field.name];
            const type = App.fields.of(field);
            if (type.isEmpty(value) || !type.isSearched) return '';
            return `${type.text(value, field)}\n${type.label(value, field)}`; /* "2025-03-09" and "Mar 9, 2025" */
          })
          .join('\n'),
      );
    },
  };
})((globalThis.App = globalThis.App || {}));
