/*
 * actions: what a person does with a record on the page, with the questions and messages that belong to it.
 */
(function (App) {
  'use strict';

  const MOST_NAMED = 5;

  function names(list) {
    const lines = list
      .slice(0, MOST_NAMED)
      .map((one) => App.h('li', null, `${one.entity.label}: ${App.records.title(one.entity, one.record)}`));
    const rest = list.length - MOST_NAMED;
    return App.h(
      'ul',
      { class: 'named' },
      lines,
      rest > 0 && App.h('li', null, App.t('record.and_more', { count: rest })),
    );
  }

  function sayNeeded(title, blockers) {
    return App.confirm({
      title: App.t('record.needed.title', { title }),
      text: App.t('record.needed.text'),
      extra: names(blockers),
      action: App.t('common.close'),
      isNotice: true,
    });
  }

  function askToDelete(title, touched) {
    const extra =
      touched.length > 0 &&
      App.h(
        'div',
        null,
        App.h('p', { class: 'hint' }, App.t('record.delete.links')),
        names(touched.map((change) => ({ entity: App.entity(change.entity), record: change.after }))),
      );
    return App.confirm({
      title: App.t('record.delete.title', { title }),
      text: App.undo ? App.t('record.delete.undoable') : App.t('record.delete.text'),
      extra,
      action: App.t('common.delete'),
      isDanger: true,
    });
  }

  App.actions = {
    /** Deletes a record after what must be asked was asked; gives whether it is gone. */
    async remove(entity, record) {
      const title = App.records.title(entity, record);
      const plan = App.records.planRemoval(entity, record);
      if (plan.blockers.length > 0) {
        await sayNeeded(title, plan.blockers);
        return false;
      }
      /* With undo a deletion is no loss, so only one that reaches further asks first. */
      if ((!App.undo || plan.touched.length > 0) && !(await askToDelete(title, plan.touched))) return false;
      const isDone = App.told(App.records.remove(entity, record));
      if (isDone && !App.undo) App.toast(App.t('record.deleted', { title }));
      return isDone;
    },

    /** Sets one field of a record without a form. */
    set(entity, record, fieldName, value) {
      const now = App.store.get(entity.name, record.id);
      return now ? App.told(App.records.update(entity, now, { [fieldName]: value })) : false;
    },
  };
})((globalThis.App = globalThis.App || {}));
