/*
 * store: the records of every entity, kept as one JSON text per entity.
 *
 * All changes go through apply() as a list of { entity, id, before, after }: null before is an addition, null after a
 * deletion. The list is done whole or not at all, and turned round it is its own undoing. Another tab may have written
 * meanwhile, so apply() first reads again what is stored; a change whose "before" is no longer true is refused.
 *
 * What cannot be read is never overwritten: the text is copied aside first, and when even that fails the entity is
 * closed for writing.
 */
(function (App) {
  'use strict';

  const SCHEMA = 1;
  let storage = null;
  let shelves = new Map(); /* entity name -> { text, records: Map by id, closed: '' | why } */
  let problems = [];

  const keyOf = (entityName) => `data/${entityName}`;

  function isRecord(value) {
    return (
      value !== null &&
      typeof value === 'object' &&
      typeof value.id === 'string' &&
      value.id !== '' &&
      value.values !== null &&
      typeof value.values === 'object' &&
      !Array.isArray(value.values)
    );
  }

  /** Reads a stored text: { records, state } where state is 'ok', 'damaged' or 'newer'. */
  function parse(text) {
    if (text === null) return { records: new Map(), state: 'ok' };
    let data = null;
    try {
      data = JSON.parse(text);
    } catch (error) {
      return { records: new Map(), state: 'damaged' };
    }
    if (data === null || typeof data !== 'object' || !Array.isArray(data.records))
      return { records: new Map(), state: 'damaged' };
    if (!(data.schema <= SCHEMA)) return { records: new Map(), state: 'newer' };
    const good = data.records.filter(isRecord);
    return {
      records: new Map(good.map((record) => [record.id, record])),
      state: good.length === data.records.length ? 'ok' : 'damaged',
    };
  }

  function print(records) {
    return JSON.stringify({ schema: SCHEMA, records: [...records.values()] });
  }

  function tell(problem) {
    problems.push(problem);
    App.emit('store:problem', problem);
  }

  /* Keeps an unreadable text under a name of its own; gives why when the entity must be closed instead. */
  function setAside(entityName, text) {
    const taken = storage.keys().filter((key) => key.startsWith(`damaged/${entityName}/`));
    if (taken.some((key) => storage.read(key) === text)) return '';
    return storage.write(`damaged/${entityName}/${taken.length + 1}`, text) ? 'damaged' : '';
  }

  function readShelf(entityName) {
    const text = storage.read(keyOf(entityName));
    const { records, state } = parse(text);
    let closed = state === 'newer' ? 'newer' : '';
    if (state === 'damaged') closed = setAside(entityName, text);
    if (state !== 'ok') tell({ kind: state, entity: entityName, text });
    return { text, records, list: null, closed };
  }

  /* Gives the shelf as it stands in the storage now; reading a text again is only needed when it differs. */
  function fresh(entityName) {
    const shelf = shelves.get(entityName);
    if (storage.read(keyOf(entityName)) !== shelf.text) shelves.set(entityName, readShelf(entityName));
    return shelves.get(entityName);
  }

  const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

  /* Why a change cannot be made, or ''. */
  function refusal(change) {
    const shelf = shelves.get(change.entity);
    if (shelf.closed) return shelf.closed;
    return same(shelf.records.get(change.id), change.before) ? '' : 'stale';
  }

  function nextRecords(entityName, changes) {
    const records = new Map(shelves.get(entityName).records);
    for (const change of changes) {
      if (change.entity !== entityName) continue;
      if (change.after) records.set(change.id, change.after);
      else records.delete(change.id);
    }
    return records;
  }

  /* Writes all or nothing: what was written before a failure is put back. */
  function writeAll(next) {
    const done = [];
    for (const [entityName, records] of next) {
      const text = print(records);
      if (storage.write(keyOf(entityName), text)) {
        for (const name of done) restore(name);
        return false;
      }
      done.push(entityName);
    }
    return true;
  }

  function restore(entityName) {
    const { text } = shelves.get(entityName);
    if (text === null) storage.remove(keyOf(entityName));
    else storage.write(keyOf(entityName), text);
  }

  /* A tab that wrote: take over its records and let the views know. */
  function onOtherTab(event) {
    for (const entityName of shelves.keys()) {
      if (event.key === null || event.key === storage.full(keyOf(entityName))) fresh(entityName);
    }
    App.emit('store:changed', { changes: [], note: null, isRemote: true });
  }

  App.store = {
    schema: SCHEMA,

    /** Opens the storage that find() gives and reads every entity of the model. */
    open(find) {
      storage = App.openStorage(find, App.info.id);
      problems = [];
      shelves = new Map();
      for (const entity of App.model.entities) shelves.set(entity.name, readShelf(entity.name));
      if (!storage.isLasting) tell({ kind: 'memory' });
      if (globalThis.addEventListener) globalThis.addEventListener('storage', onOtherTab);
    },

    /** What went wrong since open(): kinds memory, damaged, newer. */
    problems: () => problems,

    /** All records of an entity in the order they were added. Not to be changed by the caller. */
    all(entityName) {
      const shelf = shelves.get(entityName);
      if (!shelf.list) shelf.list = [...shelf.records.values()];
      return shelf.list;
    },

    /** The record as it lies in the storage at this moment, another tab's last change included. */
    current: (entityName, id) => fresh(entityName).records.get(id) || null,

    get: (entityName, id) => shelves.get(entityName).records.get(id) || null,

    /**
     * Does a list of changes. { ok: true }, or { ok: false, problem } with nothing changed:
     * 'full' (no room), 'stale' (changed meanwhile), 'newer' or 'damaged' (closed for writing).
     * note goes to the listeners of store:changed as it is.
     */
    apply(changes, note) {
      const names = [...new Set(changes.map((change) => change.entity))];
      names.forEach(fresh);
      const problem = changes.map(refusal).find(Boolean);
      if (problem) return { ok: false, problem };
      const next = new Map(names.map((name) => [name, nextRecords(name, changes)]));
      if (!writeAll(next)) return { ok: false, problem: 'full' };
      for (const [name, records] of next) {
        shelves.set(name, { text: storage.read(keyOf(name)), records, list: null, closed: '' });
      }
      App.emit('store:changed', { changes, note: note || null, isRemote: false });
      return { ok: true };
    },

    /** Small settings of this browser: what is sorted by, the theme. Losing one loses no data. */
    pref(name, value) {
      if (value === undefined) return storage.read(`pref/${name}`);
      if (value === null) storage.remove(`pref/${name}`);
      else storage.write(`pref/${name}`, value);
      return value;
    },

    /** Takes everything of this app out of the storage, settings and set-aside texts too. */
    eraseAll() {
      for (const key of storage.keys()) storage.remove(key);
      for (const name of shelves.keys()) shelves.set(name, readShelf(name));
    },
  };
})((globalThis.App = globalThis.App || {}));
