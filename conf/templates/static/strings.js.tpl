/* strings: every text of the page that is not the model's. {name} is filled in; {name:을/를} also picks a particle. */
(function (App) {
  'use strict';

  App.strings = {{json strings}};
})(globalThis.App = globalThis.App || {});
