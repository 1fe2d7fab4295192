/*
 * json-import: brings a backup back, added to what is here or in place of it.
 */
(function (App) {
  'use strict';

  function bringIn(result, isReplacing) {
    const changes = App.backup.changesFor(result, isReplacing);
    if (changes.length === 0) {
      App.toast(App.t('json.same'));
      return;
    }
    if (!App.told(App.store.apply(changes, { kind: 'import', count: changes.length }))) return;
    if (!App.undo) App.toast(App.tn('json.done', changes.length));
    if (result.dropped > 0) App.toast(App.tn('json.dropped', result.dropped), { isError: true });
  }

  function choice(name, value, isChecked) {
    return App.h(
      'label',
      { class: 'import-choice' },
      App.h('input', { type: 'radio', name: 'json-mode', value, checked: isChecked }),
      App.h(
        'span',
        null,
        App.h('strong', null, App.t(`json.${name}`)),
        App.h('span', { class: 'hint' }, App.t(`json.${name}.text`)),
      ),
    );
  }

  function offer(text) {
    const result = App.backup.read(text);
    if (result.problem) {
      App.toast(App.t(`json.problem.${result.problem}`), { isError: true });
      return;
    }
    const modes = App.h(
      'fieldset',
      { class: 'import-choices' },
      App.h('legend', { class: 'visually-hidden' }, App.t('json.how')),
      choice('add', 'add', true),
      choice('replace', 'replace', false),
    );
    const dialog = App.dialog({
      view: 'json-import',
      size: 'small',
      title: App.t('json.title'),
      body: [App.h('p', null, App.tn('json.found', result.count)), modes],
      footer: [
        App.button(App.t('common.cancel'), { onclick: () => dialog.close() }),
        App.button(App.t('json.action'), {
          class: 'button primary',
          'data-action': 'import',
          onclick: () => {
            const isReplacing = modes.querySelector('input:checked').value === 'replace';
            dialog.close();
            bringIn(result, isReplacing);
          },
        }),
      ],
    });
  }

  App.shell.addEntry({
    order: 21,
    name: 'json-import',
    feature: 'json-import',
    label: 'json.import',
    icon: 'upload',
    run: () => App.pickFile('.json,application/json', offer, { 'data-import': 'json' }),
  });
})((globalThis.App = globalThis.App || {}));
