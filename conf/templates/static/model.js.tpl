/*
 * model: what this app is about. Everything on the page follows from it; change it here and open the page again.
 *
 * Never change App.info.id: the records in the browser are kept under it.
 */
(function (App) {
  'use strict';

  App.info = {{json app}};

  App.model = {{json model}};
})(globalThis.App = globalThis.App || {});
