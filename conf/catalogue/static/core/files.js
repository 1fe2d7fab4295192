/*
 * files: giving a text to the person as a file, and getting one from them. No server is asked.
 */
(function (App) {
  'use strict';

  /** The name of a file of this app made today: "reading-log-2025-03-09.csv". */
  App.fileName = (part, ending) => [App.info.name, part, App.today()].filter(Boolean).join('-') + `.${ending}`;

  App.saveFile = function (name, type, text) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = App.h('a', { href: url, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60000); /* the browser may still be reading it */
  };

  /** Asks for a file; then is called with its text and name. Nothing happens when none is chosen. */
  App.pickFile = function (accept, then, props) {
    const input = App.h('input', { type: 'file', accept, hidden: true, 'aria-hidden': 'true', tabindex: -1, ...props });
    input.addEventListener('change', async () => {
      const file = input.files[0];
      input.remove();
      if (file) then(await file.text(), file.name);
    });
    input.addEventListener('cancel', () => input.remove());
    document.body.append(input);
    input.click();
  };
})((globalThis.App = globalThis.App || {}));
