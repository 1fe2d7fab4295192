/*
 * due-dates: marks what is overdue, due today or soon, and shows only these when asked.
 */
(function (App) {
  'use strict';

  const SOON = 7;
  const FINISHED = new Set([
    'done',
    'completed',
    'complete',
    'finished',
    'closed',
    'cancelled',
    'canceled',
    'returned',
    'paid',
    'delivered',
    'resolved',
  ]);
  const GROUPS = ['overdue', 'today', 'soon'];
  const ICONS = { overdue: 'alert', today: 'clock', soon: 'calendar' };

  function isFinished(entity, record) {
    const done = App.fieldOfRole(entity, 'done');
    const status = App.fieldOfRole(entity, 'status');
    return Boolean((done && record.values[done.name] === true) || (status && FINISHED.has(record.values[status.name])));
  }

  /** Days until a record is due: negative when it is late; null when it has no date or is finished. */
  function daysLeft(entity, record, today) {
    const field = App.fieldOfRole(entity, 'due');
    const value = field && record.values[field.name];
    if (!value || isFinished(entity, record)) return null;
    return App.format.dayNumber(value) - App.format.dayNumber(today);
  }

  /** 'overdue', 'today', 'soon', 'later', or null. */
  function groupOf(days) {
    if (days === null || Number.isNaN(days)) return null;
    if (days < 0) return 'overdue';
    if (days === 0) return 'today';
    return days <= SOON ? 'soon' : 'later';
  }

  function badge(entity, record) {
    const days = daysLeft(entity, record, App.today());
    const group = groupOf(days);
    if (!GROUPS.includes(group)) return null;
    const when = App.format.relativeDay(days);
    return {
      kind: `is-${group}`,
      icon: ICONS[group],
      text: group === 'overdue' ? App.t('due.mark.overdue', { when }) : App.t('due.mark.coming', { when }),
    };
  }

  function inGroup(entity, group) {
    const today = App.today();
    return (record) => groupOf(daysLeft(entity, record, today)) === group;
  }

  function controls(entity, state, changed) {
    const rows = App.view.rows(entity, 'due-dates');
    const facet = (group) =>
      App.h(
        'button',
        {
          type: 'button',
          class: `facet due-${group}`,
          'aria-pressed': String(state.chosen === group),
          'data-due': group,
          'data-key': `due:${group}`,
          onclick: () => {
            state.chosen = state.chosen === group ? null : group;
            changed();
          },
        },
        App.icon(ICONS[group]),
        App.t(`due.${group}`),
        App.h('span', { class: 'number' }, App.format.number(rows.filter(inGroup(entity, group)).length)),
      );
    return App.h(
      'div',
      {
        class: 'facets',
        role: 'group',
        'aria-label': App.fieldOfRole(entity, 'due').label,
        'data-feature': 'due-dates',
      },
      GROUPS.map(facet),
    );
  }

  App.due = { daysLeft, groupOf };

  App.view.addBadge(badge);
  App.view.addLens({
    name: 'due-dates',
    order: 20,
    place: 'facets',
    hasControls: (entity) => Boolean(App.fieldOfRole(entity, 'due')),
    controls,
    clear: (state) => {
      state.chosen = null;
    },
    test: (entity, state) => (state.chosen && App.fieldOfRole(entity, 'due') ? inGroup(entity, state.chosen) : null),
  });
})((globalThis.App = globalThis.App || {}));
