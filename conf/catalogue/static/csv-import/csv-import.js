/*
 * csv-import: adds the lines of a table as records, after showing what would happen.
 */
(function (App) {
  'use strict';

  const SAMPLE = 5;

  function sample(entity, result) {
    const fields = result.columns.filter(Boolean).slice(0, 4);
    const line = (values) =>
      App.h(
        'tr',
        null,
        fields.map((field) => App.h('td', null, App.csv.cellOf(field, values[field.name]))),
      );
    return App.h(
      'div',
      { class: 'import-sample' },
      App.h(
        'table',
        null,
        App.h(
          'thead',
          null,
          App.h(
            'tr',
            null,
            fields.map((field) => App.h('th', { scope: 'col' }, field.label)),
          ),
        ),
        App.h('tbody', null, result.good.slice(0, SAMPLE).map(line)),
      ),
    );
  }

  function report(entity, result) {
    const unknown = result.heads.filter((head, place) => !result.columns[place]);
    const lines = result.wrong
      .slice(0, SAMPLE)
      .map((one) => App.t('csv.wrong.line', { line: one.line, label: one.field.label, cell: one.cell || '–' }));
    const rest = result.wrong.length - lines.length;
    return [
      App.h('p', null, App.tn('csv.good', result.good.length)),
      result.good.length > 0 && sample(entity, result),
      result.doubles > 0 && App.h('p', { class: 'hint' }, App.tn('csv.doubles', result.doubles)),
      unknown.length > 0 && App.h('p', { class: 'hint' }, App.t('csv.unknown', { heads: unknown.join(', ') })),
      lines.length > 0 &&
        App.h(
          'div',
          { class: 'import-wrong' },
          App.h('p', null, App.t('csv.wrong')),
          App.h(
            'ul',
            null,
            lines.map((text) => App.h('li', null, text)),
            rest > 0 && App.h('li', null, App.t('record.and_more', { count: App.format.number(rest) })),
          ),
        ),
    ];
  }

  function addAll(entity, result) {
    const changes = result.good.map((values) => {
      const record = App.records.make(entity, values);
      return { entity: entity.name, id: record.id, before: null, after: record };
    });
    if (App.told(App.store.apply(changes, { kind: 'import', entity: entity.name, count: changes.length })) && !App.undo)
      App.toast(App.tn('csv.added', changes.length));
  }

  function offer(entity, text) {
    const result = App.csvReader.read(entity, text);
    if (result.problem) {
      App.toast(App.t(`csv.problem.${result.problem}`), { isError: true });
      return;
    }
    const dialog = App.dialog({
      view: 'csv-import',
      title: App.t('csv.import.title', { label: entity.plural_label || entity.label }),
      body: report(entity, result),
      footer: [
        App.button(App.t('common.cancel'), { onclick: () => dialog.close() }),
        App.button(App.t('csv.import.action'), {
          class: 'button primary',
          'data-action': 'import',
          disabled: result.good.length === 0,
          onclick: () => {
            dialog.close();
            addAll(entity, result);
          },
        }),
      ],
    });
  }

  function run() {
    const entity = App.page.entity();
    App.pickFile('.csv,.tsv,.txt,text/csv', (text) => offer(entity, text), { 'data-import': 'csv' });
  }

  App.shell.addEntry({
    order: 11,
    name: 'csv-import',
    feature: 'csv-import',
    label: 'csv.import',
    icon: 'upload',
    run,
  });
})((globalThis.App = globalThis.App || {}));
