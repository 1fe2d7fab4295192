/*
 * csv-export: the records on the page, as they are narrowed and ordered, in a table for spreadsheets.
 */
(function (App) {
  'use strict';

  /** The text of the file: a line of the fields' labels, then a line to each record. */
  function table(entity, records) {
    const fields = App.csv.tableFields(entity);
    const lines = records.map((record) => fields.map((field) => App.csv.cellOf(field, record.values[field.name])));
    return App.csv.print([fields.map((field) => field.label), ...lines]);
  }

  function run() {
    const entity = App.page.entity();
    const rows = App.view.rows(entity);
    if (rows.length === 0) {
      App.toast(App.t('csv.nothing'));
      return;
    }
    /* The mark in front tells spreadsheets that the text is UTF-8. */
    App.saveFile(
      App.fileName(entity.plural_name || entity.name, 'csv'),
      'text/csv;charset=utf-8',
      `\ufeff${table(entity, rows)}`,
    );
    App.toast(App.tn('csv.saved', rows.length));
  }

  App.csvExport = { table };
  App.shell.addEntry({
    order: 10,
    name: 'csv-export',
    feature: 'csv-export',
    label: 'csv.export',
    icon: 'download',
    run,
  });
})((globalThis.App = globalThis.App || {}));
