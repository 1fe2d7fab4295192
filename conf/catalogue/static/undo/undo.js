/*
 * undo: takes back what was done: from the message after it, by the buttons on top, or with Ctrl+Z.
 */
(function (App) {
  'use strict';

  let draw = () => {};
  const history = App.makeHistory((changes, note) => App.store.apply(changes, note));

  function say(note) {
    const key = `undo.done.${note.kind}`;
    return note.count !== undefined ? App.tn(key, note.count) : App.t(key, { title: note.title });
  }

  function step(way) {
    const result = history[way]();
    if (result && App.told(result))
      App.toast(App.t(`undo.said.${way}`, { what: say(result.note) }), {
        slot: 'undo',
        action: way === 'undo' ? null : undoAction(),
      });
    draw();
  }

  function undoAction() {
    return { label: App.t('undo.undo'), name: 'undo', run: () => step('undo') };
  }

  function onChange({ changes, note, isRemote }) {
    if (isRemote || !note || note.kind === 'undo' || note.kind === 'redo') return;
    history.add(changes, note);
    App.toast(say(note), { slot: 'undo', action: undoAction() }); /* one only: it takes back the last change */
    draw();
  }

  /* In a line of text Ctrl+Z belongs to the text. */
  function onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 'z') return;
    if (event.target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, dialog')) return;
    event.preventDefault();
    step(event.shiftKey ? 'redo' : 'undo');
  }

  function render() {
    const undo = App.iconButton('undo', App.t('undo.undo'), {
      'data-action': 'undo-last',
      'data-key': 'undo',
      onclick: () => step('undo'),
    });
    const redo = App.iconButton('redo', App.t('undo.redo'), {
      'data-action': 'redo-last',
      'data-key': 'redo',
      onclick: () => step('redo'),
    });
    draw = () => {
      undo.disabled = !history.canUndo();
      redo.disabled = !history.canRedo();
    };
    draw();
    document.addEventListener('keydown', onKey);
    return App.h('span', { class: 'tool-group', 'data-feature': 'undo' }, undo, redo);
  }

  App.undo = { history };
  App.on('store:changed', onChange);
  App.shell.addTool({ order: 70, render });
})((globalThis.App = globalThis.App || {}));
