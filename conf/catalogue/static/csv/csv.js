/*
 * csv: tables as text, as spreadsheets read and write them (RFC 4180).
 *
 * A cell that a spreadsheet would take for a formula is written with an apostrophe in front, and read back without it.
 */
(function (App) {
  'use strict';

  const FORMULA = /^[=+\-@\t\r]/;
  const GUARDED = /^'[=+\-@\t\r]/;
  const PLAIN_NUMBER = /^[-+]?[\d.,]+$/;

  function printCell(text) {
    const safe = FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  }

  const print = (rows) => rows.map((row) => `${row.map(printCell).join(',')}\r\n`).join('');

  /* The sign most frequent in the first line, outside of quotes. */
  function separatorOf(text) {
    const line = text.split(/\r?\n/, 1)[0].replace(/"[^"]*"/g, '');
    const counts = [',', ';', '\t'].map((sign) => [sign, line.split(sign).length]);
    return counts.sort((a, b) => b[1] - a[1])[0][0];
  }

  const readCell = (text) => (GUARDED.test(text) ? text.slice(1) : text);

  /** Rows of cells; lines that hold nothing are left out. A quote that never ends takes the rest of the text. */
  function parse(source) {
    const text = source.replace(/^\ufeff/, '');
    const sign = separatorOf(text);
    const rows = [];
    let row = [];
    let cell = '';
    let isQuoted = false;
    const endCell = () => {
      row.push(readCell(cell));
      cell = '';
    };
    const endRow = () => {
      endCell();
      if (row.some((one) => one !== '')) rows.push(row);
      row = [];
    };
    for (let i = 0; i < text.length; i++) {
      const letter = text[i];
      if (isQuoted) {
        if (letter !== '"') cell += letter;
        else if (text[i + 1] === '"') {
          cell += '"';
          i++;
        } else isQuoted = false;
      } else if (letter === '"' && cell === '') isQuoted = true;
      else if (letter === sign) endCell();
      else if (letter === '\n') endRow();
      else if (letter !== '\r') cell += letter;
    }
    if (cell !== '' || row.length > 0) endRow();
    return rows;
  }

  /* Pictures would make the table unreadable; the JSON file carries them. */
  const tableFields = (entity) => entity.fields.filter((field) => field.type !== 'image');

  /** The value of a field as a cell: plain, so that a spreadsheet can reckon with it. */
  function cellOf(field, value) {
    const type = App.fields.of(field);
    return type.isEmpty(value) ? '' : String(type.text(value, field));
  }

  App.csv = { print, parse, tableFields, cellOf };
})((globalThis.App = globalThis.App || {}));
