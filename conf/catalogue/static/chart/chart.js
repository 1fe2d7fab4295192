/*
 * chart: bars over the list, drawn from the records shown. Labels and numbers are plain text, so that they are read out
 * and grow with the page; only the bars are drawings.
 */
(function (App) {
  'use strict';

  function nameOf(what) {
    return what.measure === 'count'
      ? App.t('chart.count')
      : App.t(`chart.${what.measure}`, { label: what.field.label });
  }

  function printNumber(what, value, options) {
    if (what.measure === 'count') return App.format.number(value, options);
    if (what.field.type === 'money') return App.format.money(value, what.field.currency, options);
    const unit = what.field.unit ? ` ${what.field.unit}` : '';
    return App.format.number(value, { maximumFractionDigits: 2, ...options }) + unit;
  }

  /* "₩105.9만", "$1.2K": over a column there is no room for more. */
  function printShort(what, value) {
    const isLong = Math.abs(value) >= 10000;
    return printNumber(what, value, isLong ? { notation: 'compact', maximumFractionDigits: 1 } : undefined);
  }

  const isByMonth = (field) => field.type === 'date';

  function titleOf(what, field) {
    if (!field) return nameOf(what);
    return App.t(isByMonth(field) ? 'chart.title_month' : 'chart.title', { what: nameOf(what), label: field.label });
  }

  const percent = (share) => `${Math.max(share * 100, share > 0 ? 1 : 0).toFixed(2)}%`;

  function row(what, bar) {
    return App.h(
      'li',
      { class: 'chart-row' },
      App.h('span', { class: 'chart-label' }, bar.label),
      App.svg(
        'svg',
        { class: 'chart-bar', 'aria-hidden': 'true' },
        App.svg('rect', { width: '100%', height: '100%', rx: 5, class: 'chart-ground' }),
        App.svg('rect', { width: percent(bar.share), height: '100%', rx: 5 }),
      ),
      App.h('span', { class: 'chart-value' }, printNumber(what, bar.value)),
    );
  }

  function column(what, bar) {
    return App.h(
      'li',
      { class: 'chart-column' },
      App.h(
        'span',
        { class: 'chart-value', title: printNumber(what, bar.value) },
        bar.value ? printShort(what, bar.value) : '',
      ),
      App.svg(
        'svg',
        { class: 'chart-post', 'aria-hidden': 'true' },
        App.svg('rect', {
          width: '100%',
          y: `${100 - parseFloat(percent(bar.share))}%`,
          height: percent(bar.share),
          rx: 5,
        }),
      ),
      App.h('span', { class: 'chart-label' }, bar.label),
    );
  }

  function picker(label, key, options, value, choose) {
    const select = App.h(
      'select',
      {
        class: 'input',
        'aria-label': label,
        'data-key': `chart:${key}`,
        'data-chart': key,
        onchange: () => choose(select.value),
      },
      options.map((option) => App.h('option', { value: option.value }, option.label)),
    );
    select.value = value;
    return select;
  }

  function pickers(entity, state, all, groups) {
    const choose = (name) => (value) => {
      state[name] = value;
      App.page.update();
    };
    return App.h(
      'div',
      { class: 'chart-pickers' },
      all.length > 1 &&
        picker(
          App.t('chart.what'),
          'what',
          all.map((what) => ({ value: what.key, label: nameOf(what) })),
          state.what,
          choose('what'),
        ),
      groups.length > 1 &&
        picker(
          App.t('chart.by'),
          'by',
          groups.map((field) => ({
            value: field.name,
            label: App.t(isByMonth(field) ? 'chart.by_month' : 'chart.by_field', { label: field.label }),
          })),
          state.by,
          choose('by'),
        ),
    );
  }

  function drawing(what, data) {
    if (data.bars.length === 0) return App.h('p', { class: 'hint' }, App.t('chart.empty'));
    const isMonths = data.kind === 'months';
    return [
      App.h(
        'ol',
        { class: isMonths ? 'chart-columns' : 'chart-rows' },
        data.bars.map((bar) => (isMonths ? column(what, bar) : row(what, bar))),
      ),
      data.rest > 0 && App.h('p', { class: 'hint' }, App.tn('chart.rest', data.rest)),
    ];
  }

  function render(entity, rows) {
    const state = App.view.state(entity, 'chart');
    if (state.by === undefined) Object.assign(state, App.chart.wish(entity));
    const all = App.chart.measures(entity);
    const groups = App.chart.groupFields(entity);
    const what = all.find((one) => one.key === state.what) || all[0];
    const field = groups.find((one) => one.name === state.by) || null;
    const isOpen = App.store.pref(`chart/${entity.name}`) !== 'closed';
    const fold = App.iconButton(isOpen ? 'fold' : 'unfold', App.t(isOpen ? 'chart.hide' : 'chart.show'), {
      'aria-expanded': String(isOpen),
      'data-key': 'chart:fold',
      onclick: () => {
        App.store.pref(`chart/${entity.name}`, isOpen ? 'closed' : null);
        App.page.update();
      },
    });
    return App.h(
      'section',
      { class: 'chart', 'data-feature': 'chart', 'aria-labelledby': 'chart-title' },
      App.h(
        'header',
        { class: 'chart-head' },
        App.h('h3', { id: 'chart-title' }, App.icon('chart'), titleOf(what, field)),
        isOpen && pickers(entity, state, all, groups),
        fold,
      ),
      isOpen && drawing(what, App.chart.bars(entity, rows, field, what)),
    );
  }

  const isWanted = (entity) =>
    App.model.features.some(
      (feature) => feature.name === 'chart' && (!feature.entity || feature.entity === entity.name),
    );

  App.view.addPanel({
    name: 'chart',
    order: 50,
    render: (entity, rows) => (isWanted(entity) ? render(entity, rows) : null),
  });
})((globalThis.App = globalThis.App || {}));
