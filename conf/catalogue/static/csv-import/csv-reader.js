/*
 * csv-reader: makes records of a table's lines, and says line by line what could not be used.
 */
(function (App) {
  'use strict';

  /* A column belongs to the field whose label or name stands over it. */
  function columnsOf(entity, heads) {
    const fields = App.csv.tableFields(entity);
    return heads.map(
      (head) =>
        fields.find((field) => App.fold(field.label) === App.fold(head) || App.fold(field.name) === App.fold(head)) ||
        null,
    );
  }

  function readLine(entity, columns, cells) {
    const values = App.records.blank(entity);
    const wrong = [];
    columns.forEach((field, place) => {
      const cell = (cells[place] || '').trim();
      if (!field || cell === '') return;
      const value = App.fields.of(field).parse(cell, field);
      if (value === undefined) wrong.push({ field, cell });
      else values[field.name] = value;
    });
    for (const name of Object.keys(App.records.check(entity, values))) {
      const field = App.field(entity, name);
      if (!wrong.some((one) => one.field === field)) wrong.push({ field, cell: App.csv.cellOf(field, values[name]) });
    }
    return { values, wrong };
  }

  const printOf = (entity, values) =>
    JSON.stringify(App.csv.tableFields(entity).map((field) => App.csv.cellOf(field, values[field.name])));

  /**
   * Reads a file's text: { columns, good: [values], doubles, wrong: [{ line, field, cell }] }, or { problem } when it is
   * no table of this entity. doubles counts the lines that say the same as a record or as a line before.
   */
  function read(entity, text) {
    const [heads, ...lines] = App.csv.parse(text);
    if (!heads || lines.length === 0) return { problem: 'empty' };
    const columns = columnsOf(entity, heads);
    if (!columns.some(Boolean)) return { problem: 'columns' };
    const seen = new Set(App.store.all(entity.name).map((record) => printOf(entity, record.values)));
    const result = { heads, columns, good: [], doubles: 0, wrong: [] };
    lines.forEach((cells, place) => {
      const { values, wrong } = readLine(entity, columns, cells);
      const print = printOf(entity, values);
      if (wrong.length > 0) result.wrong.push(...wrong.map((one) => ({ line: place + 2, ...one })));
      else if (seen.has(print)) result.doubles++;
      else {
        seen.add(print);
        result.good.push(values);
      }
    });
    return result;
  }

  App.csvReader = { read };
})((globalThis.App = globalThis.App || {}));
