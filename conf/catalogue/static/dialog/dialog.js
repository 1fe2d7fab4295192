/*
 * dialog: a window over the page. The browser's own <dialog> keeps the keyboard inside and closes on Escape.
 */
(function (App) {
  'use strict';

  function header(spec, id, close) {
    return App.h(
      'header',
      { class: 'dialog-head' },
      App.h('h2', { id }, spec.title),
      App.iconButton('close', App.t('common.close'), { 'data-action': 'close', onclick: close }),
    );
  }

  /* The page may have been redrawn under the dialog, so the place to go back to is kept by name. */
  function goBack(key, node) {
    if (App.focusByKey(key)) return;
    if (node && node.isConnected && node !== document.body) node.focus();
    else App.focusAdd();
  }

  /**
   * Opens a dialog. spec: { view, title, body, footer: [nodes], size, mayClose, onClose }
   * mayClose() says whether Escape, the cross or a click outside may close it now; it may be a promise.
   * Gives { node, close }.
   */
  App.dialog = function (spec) {
    const id = `dialog-${App.uid()}`;
    const key = App.focusKey();
    const from = document.activeElement;
    const node = App.h(
      'dialog',
      { class: `dialog ${spec.size || ''}`.trim(), 'aria-labelledby': id, 'data-view': spec.view },
      header(spec, id, tryClose),
      App.h('div', { class: 'dialog-body' }, spec.body),
      spec.footer && App.h('footer', { class: 'dialog-foot' }, spec.footer),
    );

    function close(result) {
      node.close();
      node.remove();
      goBack(key, from);
      if (spec.onClose) spec.onClose(result);
    }
    async function tryClose() {
      if (!spec.mayClose || (await spec.mayClose())) close();
    }
    node.addEventListener('cancel', (event) => {
      if (event.target !== node) return; /* a file picker's cancel bubbles up to here */
      event.preventDefault();
      tryClose();
    });
    node.addEventListener('mousedown', (event) => {
      if (event.target === node) tryClose();
    });
    document.body.append(node);
    node.showModal();
    return { node, close };
  };

  /** Asks yes or no: App.confirm({ title, text, action, isDanger, extra }) is a promise of true or false. */
  App.confirm = function (question) {
    return new Promise((resolve) => {
      const yes = App.button(question.action, {
        class: `button ${question.isDanger ? 'danger' : 'primary'}`,
        'data-action': 'confirm',
        onclick: () => dialog.close(true),
      });
      const no = App.button(App.t('common.cancel'), { 'data-action': 'cancel', onclick: () => dialog.close(false) });
      const dialog = App.dialog({
        view: 'confirm',
        size: 'small',
        title: question.title,
        body: [App.h('p', null, question.text), question.extra],
        footer: question.isNotice ? [yes] : [no, yes],
        onClose: (answer) => resolve(answer === true),
      });
      (question.isDanger ? no : yes).focus();
    });
  };
})((globalThis.App = globalThis.App || {}));
