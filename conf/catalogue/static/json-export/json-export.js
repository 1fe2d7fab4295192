/*
 * json-export: everything the app holds, in one file to keep.
 */
(function (App) {
  'use strict';

  function run() {
    App.saveFile(App.fileName('', 'json'), 'application/json', `${JSON.stringify(App.backup.make(), null, 2)}\n`);
    App.toast(App.t('json.saved'));
  }

  App.shell.addEntry({
    order: 20,
    name: 'json-export',
    feature: 'json-export',
    label: 'json.export',
    icon: 'download',
    run,
  });
})((globalThis.App = globalThis.App || {}));
