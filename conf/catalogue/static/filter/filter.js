/*
 * filter: narrows the list by the values of fields: one of a choice, yes or no, from and to.
 *
 * Tags, categories and favourites have buttons of their own when the app has these features; they are left out here.
 */
(function (App) {
  'use strict';

  const OWN_CONTROLS = { tags: 'tags', category: 'categories', favourite: 'favourites' };
  const RANGES = new Set(['number', 'money', 'date', 'time']);

  const listOf = (value) => (Array.isArray(value) ? value : [value]);

  function filterFields(entity) {
    const kinds = new Set(['choice', 'boolean', 'relation', ...RANGES]);
    return entity.fields.filter(
      (field) => kinds.has(field.type) && !(field.role in OWN_CONTROLS && App.hasFeature(OWN_CONTROLS[field.role])),
    );
  }

  /** The test that a setting makes for a field: setting is { is } or { from, to }; null when it lets all through. */
  function testOf(field, setting) {
    const type = App.fields.of(field);
    if (setting.is !== undefined && setting.is !== '') {
      const wanted = field.type === 'boolean' ? setting.is === 'yes' : setting.is;
      return (value) => listOf(field.type === 'boolean' ? value === true : value).includes(wanted);
    }
    const end = (text) => (text ? (type.clean(text, field) ?? null) : null);
    const [from, to] = [end(setting.from), end(setting.to)];
    if (from === null && to === null) return null;
    return (value) => !type.isEmpty(value) && (from === null || value >= from) && (to === null || value <= to);
  }

  function options(entity, field) {
    if (field.type === 'boolean')
      return [
        ['yes', App.t('common.yes')],
        ['no', App.t('common.no')],
      ];
    if (field.type === 'choice')
      return App.choiceCounts(field, App.store.all(entity.name)).map((one) => [one.value, one.label]);
    const target = App.entity(field.target);
    return App.store
      .all(target.name)
      .map((record) => [record.id, App.records.title(target, record)])
      .sort((a, b) => App.compareText(a[1], b[1]));
  }

  function picker(entity, field, state, changed) {
    const setting = state[field.name] || {};
    const id = `filter-${field.name}`;
    const select = App.h(
      'select',
      { class: 'input', id, onchange: () => set(state, field, { is: select.value }, changed) },
      App.h('option', { value: '' }, App.t('common.all')),
      options(entity, field).map(([value, label]) => App.h('option', { value }, label)),
    );
    select.value = setting.is || '';
    return App.h(
      'div',
      { class: 'filter-field', 'data-filter': field.name, 'data-type': field.type },
      App.h('label', { class: 'label', for: id }, field.label),
      select,
    );
  }

  function range(field, state, changed) {
    const setting = state[field.name] || {};
    const later = App.debounce(changed, 150);
    const end = (name) => {
      const input = App.h('input', {
        class: 'input',
        type: RANGES.has(field.type) && (field.type === 'date' || field.type === 'time') ? field.type : 'text',
        inputmode: 'decimal',
        value: setting[name] || '',
        'aria-label': `${field.label} ${App.t(`filter.${name}`)}`,
        placeholder: App.t(`filter.${name}`),
        'data-end': name,
        oninput: () => set(state, field, { ...state[field.name], [name]: input.value }, later),
      });
      return input;
    };
    return App.h(
      'fieldset',
      { class: 'filter-field', 'data-filter': field.name, 'data-type': field.type },
      App.h('legend', { class: 'label' }, field.label),
      App.h('div', { class: 'filter-range' }, end('from'), App.h('span', { 'aria-hidden': 'true' }, '–'), end('to')),
    );
  }

  function set(state, field, setting, changed) {
    state[field.name] = setting;
    changed();
  }

  function activeTests(entity, state) {
    return filterFields(entity)
      .map((field) => ({ field, test: testOf(field, state[field.name] || {}) }))
      .filter((one) => one.test);
  }

  function controls(entity, state, changed) {
    const number = App.h('span', { class: 'filter-number' });
    const panel = App.h('div', { class: 'filter-panel', id: 'filter-panel', hidden: !state[':open'] });
    const button = App.button(
      App.t('filter.button'),
      { 'data-action': 'filter', 'data-key': 'filter', 'aria-controls': panel.id, onclick: toggle },
      'filter',
    );
    button.append(number);

    function count() {
      const active = activeTests(entity, state).length;
      number.textContent = active ? App.format.number(active) : '';
      button.classList.toggle('is-on', active > 0);
    }
    function narrowed() {
      count();
      changed();
    }
    function draw() {
      button.setAttribute('aria-expanded', String(!panel.hidden));
      App.fill(
        panel,
        filterFields(entity).map((field) =>
          RANGES.has(field.type) ? range(field, state, narrowed) : picker(entity, field, state, narrowed),
        ),
        App.button(
          App.t('filter.clear'),
          {
            class: 'button quiet',
            'data-action': 'filter-clear',
            onclick: () => {
              clear(state);
              draw();
              narrowed();
            },
          },
          'close',
        ),
      );
    }
    function toggle() {
      panel.hidden = !panel.hidden;
      state[':open'] = !panel.hidden;
      draw(); /* what may be chosen is read anew each time */
    }
    draw();
    count();
    return App.h('div', { class: 'filter', 'data-feature': 'filter' }, button, panel);
  }

  function clear(state) {
    for (const name of Object.keys(state)) if (name !== ':open') delete state[name];
  }

  App.filter = { testOf, filterFields };

  App.view.addLens({
    name: 'filter',
    order: 30,
    hasControls: (entity) => filterFields(entity).length > 0,
    controls,
    clear,
    test(entity, state) {
      const tests = activeTests(entity, state);
      return tests.length === 0 ? null : (record) => tests.every((one) => one.test(record.values[one.field.name]));
    },
  });
})((globalThis.App = globalThis.App || {}));
