/*
 * sign-in: asks for a passphrase before the records are shown.
 *
 * It is a lock on this page, not a safe: the records lie unencrypted in this browser, as the words on the page say. Who
 * has signed in stays so until the tab is closed or locked.
 */
(function (App) {
  'use strict';

  const OPEN = () => `${App.info.id}/open`;

  /* The kept text is part of the mark, so that a changed passphrase locks every other tab at its next start. */
  const isOpen = () => sessionStorage.getItem(OPEN()) === App.store.pref('sign-in');

  function line(name, label, kind) {
    const input = App.h('input', {
      class: 'input',
      type: 'password',
      id: `signin-${name}`,
      name,
      autocomplete: kind,
      required: true,
      'aria-describedby': 'signin-error',
    });
    return {
      input,
      node: App.h('div', { class: 'field-row' }, App.h('label', { class: 'label', for: input.id }, label), input),
    };
  }

  /* A form of lines with one button; run(values) gives null or the key of what is wrong. */
  function makeForm(lines, action, run) {
    const error = App.h('p', { class: 'field-error', id: 'signin-error', role: 'alert' });
    const button = App.h('button', { type: 'submit', class: 'button primary', 'data-action': 'sign-in' }, action);
    const form = App.h(
      'form',
      { class: 'sign-in-form', novalidate: true },
      lines.map((one) => one.node),
      error,
      button,
    );
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      button.textContent = App.t('signin.working');
      const wrong = await run(lines.map((one) => one.input.value));
      button.disabled = false;
      button.textContent = action;
      App.fill(error, wrong && App.icon('alert'), wrong && App.t(wrong, { least: App.passphrase.least }));
      if (wrong) lines[0].input.select();
    });
    return form;
  }

  function remember(kept) {
    App.store.pref('sign-in', kept);
    sessionStorage.setItem(OPEN(), kept);
  }

  function firstForm(done) {
    const lines = [
      line('new', App.t('signin.new'), 'new-password'),
      line('again', App.t('signin.again'), 'new-password'),
    ];
    return makeForm(lines, App.t('signin.make'), async ([passphrase, again]) => {
      const wrong = App.passphrase.problem(passphrase, again);
      if (wrong) return wrong;
      remember(await App.passphrase.lock(passphrase));
      done();
      return null;
    });
  }

  function returnForm(done) {
    return makeForm(
      [line('passphrase', App.t('signin.passphrase'), 'current-password')],
      App.t('signin.open'),
      async ([passphrase]) => {
        const kept = App.store.pref('sign-in');
        if (!(await App.passphrase.opens(passphrase, kept))) return 'signin.wrong';
        sessionStorage.setItem(OPEN(), kept);
        done();
        return null;
      },
    );
  }

  async function forget() {
    const isSure = await App.confirm({
      title: App.t('signin.erase.title'),
      text: App.t('signin.erase.text'),
      action: App.t('signin.erase.action'),
      isDanger: true,
    });
    if (!isSure) return;
    App.store.eraseAll();
    location.reload();
  }

  function screen(isFirst, done) {
    const forgotten = App.h(
      'button',
      { type: 'button', class: 'link-button', 'data-action': 'forget', onclick: forget },
      App.t('signin.forgot'),
    );
    return App.h(
      'main',
      { class: 'sign-in', 'data-view': 'sign-in', 'data-feature': 'sign-in' },
      App.h(
        'section',
        { class: 'sign-in-card' },
        App.h('span', { class: 'brand-mark' }, App.icon('lock')),
        App.h('h1', null, App.info.title),
        App.h('p', { class: 'hint' }, App.t(isFirst ? 'signin.first' : 'signin.back')),
        isFirst ? firstForm(done) : returnForm(done),
        !isFirst && forgotten,
        App.h('p', { class: 'hint sign-in-note' }, App.t('signin.honest')),
      ),
    );
  }

  function gate(root) {
    if (App.store.pref('sign-in') && isOpen()) return Promise.resolve();
    return new Promise((resolve) => {
      App.fill(root, screen(!App.store.pref('sign-in'), resolve));
      root.querySelector('input').focus();
    });
  }

  function lockNow() {
    sessionStorage.removeItem(OPEN());
    location.reload();
  }

  function change() {
    const lines = [
      line('passphrase', App.t('signin.passphrase'), 'current-password'),
      line('new', App.t('signin.new'), 'new-password'),
      line('again', App.t('signin.again'), 'new-password'),
    ];
    const form = makeForm(lines, App.t('common.save'), async ([old, passphrase, again]) => {
      if (!(await App.passphrase.opens(old, App.store.pref('sign-in')))) return 'signin.wrong';
      const wrong = App.passphrase.problem(passphrase, again);
      if (wrong) return wrong;
      remember(await App.passphrase.lock(passphrase));
      dialog.close();
      App.toast(App.t('signin.changed'));
      return null;
    });
    const dialog = App.dialog({ view: 'passphrase', size: 'small', title: App.t('signin.change'), body: form });
    lines[0].input.focus();
  }

  App.addGate(gate);
  App.shell.addTool({
    order: 90,
    render: () =>
      App.iconButton('lock', App.t('signin.lock'), {
        'data-feature': 'sign-in',
        'data-action': 'lock',
        onclick: lockNow,
      }),
  });
  App.shell.addEntry({ order: 90, name: 'change-passphrase', label: 'signin.change', icon: 'lock', run: change });
})((globalThis.App = globalThis.App || {}));
