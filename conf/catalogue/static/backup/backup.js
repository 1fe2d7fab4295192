/*
 * backup: all records of the app as one JSON text, and the way back.
 *
 * Reading trusts nothing: every value goes through its field's type, and a pointer to a record that is not there is
 * dropped.
 */
(function (App) {
  'use strict';

  const FORMAT = 1;

  function make() {
    const entities = App.model.entities.map((entity) => [entity.name, App.store.all(entity.name)]);
    return {
      app: App.info.name,
      format: FORMAT,
      saved: new Date().toISOString(),
      entities: Object.fromEntries(entities),
    };
  }

  const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

  const isMoment = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));

  /* A record with only values its fields can hold; counts what was dropped. */
  function cleanRecord(entity, raw, result) {
    const values = {};
    for (const field of entity.fields) {
      /* What a relation points at may come later in the file: it is checked when all are read. */
      const given = raw.values[field.name];
      const value = field.type === 'relation' || given === undefined ? given : App.fields.of(field).clean(given, field);
      const isWrong =
        value === undefined ||
        (field.type !== 'relation' && !App.fields.of(field).isEmpty(value) && App.fields.of(field).check(value, field));
      if (isWrong && given !== undefined) result.dropped++;
      values[field.name] = isWrong ? App.fields.of(field).empty(field, entity) : value;
    }
    const now = new Date().toISOString();
    return {
      id: raw.id,
      created: isMoment(raw.created) ? raw.created : now,
      updated: isMoment(raw.updated) ? raw.updated : now,
      values,
    };
  }

  function keepKnown(field, value, known, result) {
    const ids = Array.isArray(value) ? value : [value];
    const good = ids.filter((id) => typeof id === 'string' && known.get(field.target).has(id));
    result.dropped += ids.filter((id) => id !== null && id !== undefined).length - good.length;
    return field.many ? good : good[0] || null;
  }

  /* The ids that will exist: those of the file, and when it is added to what is here, those too. */
  function knownIds(records, isReplacing) {
    return new Map(
      App.model.entities.map((entity) => {
        const here = isReplacing ? [] : App.store.all(entity.name).map((record) => record.id);
        return [entity.name, new Set([...records.get(entity.name).map((record) => record.id), ...here])];
      }),
    );
  }

  /** { records: Map of entity name -> records, count, dropped } or { problem }. */
  function read(text) {
    let data = null;
    try {
      data = JSON.parse(text);
    } catch (error) {
      return { problem: 'unreadable' };
    }
    if (!isObject(data) || !isObject(data.entities)) return { problem: 'other' };
    if (!(data.format <= FORMAT)) return { problem: 'newer' };
    const result = { records: new Map(), count: 0, dropped: 0 };
    for (const entity of App.model.entities) {
      const raws = Array.isArray(data.entities[entity.name]) ? data.entities[entity.name] : [];
      const good = raws.filter(
        (raw) => isObject(raw) && typeof raw.id === 'string' && raw.id !== '' && isObject(raw.values),
      );
      result.dropped += raws.length - good.length;
      const byId = new Map(good.map((raw) => [raw.id, cleanRecord(entity, raw, result)]));
      result.records.set(entity.name, [...byId.values()]);
      result.count += byId.size;
    }
    return result.count > 0 ? result : { problem: 'other' };
  }

  function fixRelations(result, isReplacing) {
    const known = knownIds(result.records, isReplacing);
    for (const entity of App.model.entities) {
      const fields = entity.fields.filter((field) => field.type === 'relation');
      for (const record of result.records.get(entity.name)) {
        for (const field of fields)
          record.values[field.name] = keepKnown(field, record.values[field.name] ?? null, known, result);
      }
    }
  }

  /** The changes that bring a read file in: added to what is here (its records win), or in place of it. */
  function changesFor(result, isReplacing) {
    fixRelations(result, isReplacing);
    return App.model.entities.flatMap((entity) => {
      const incoming = result.records.get(entity.name);
      const ids = new Set(incoming.map((record) => record.id));
      const gone = isReplacing ? App.store.all(entity.name).filter((record) => !ids.has(record.id)) : [];
      return [
        ...gone.map((record) => ({ entity: entity.name, id: record.id, before: record, after: null })),
        ...incoming.map((record) => ({
          entity: entity.name,
          id: record.id,
          before: App.store.get(entity.name, record.id),
          after: record,
        })),
      ].filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
    });
  }

  App.backup = { make, read, changesFor };
})((globalThis.App = globalThis.App || {}));
