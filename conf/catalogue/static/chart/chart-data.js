/*
 * chart-data: what a chart shows: the records shared into groups by one field, and a number for each group.
 */
(function (App) {
  'use strict';

  const MOST_BARS = 10;
  const MOST_MONTHS = 12;
  const listOf = (value) => (Array.isArray(value) ? value : [value]);

  /** The fields that can share records into groups. */
  function groupFields(entity) {
    const fits = (field) => ['choice', 'boolean', 'relation', 'date'].includes(field.type) || field.role === 'rating';
    return entity.fields.filter(fits);
  }

  /** What can be counted: [{ key, measure, field }], counting records first. */
  function measures(entity) {
    const numbers = entity.fields.filter((field) => field.type === 'number' || field.type === 'money');
    const kinds = (field) => (field.role === 'rating' ? ['mean'] : ['sum', 'mean']);
    return [
      { key: 'count', measure: 'count', field: null },
      ...numbers.flatMap((field) =>
        kinds(field).map((measure) => ({ key: `${measure}:${field.name}`, measure, field })),
      ),
    ];
  }

  /** What the model asks to be charted for an entity, as { by, what } with names that exist. */
  function wish(entity) {
    const asked =
      App.model.features.find(
        (feature) => feature.name === 'chart' && (!feature.entity || feature.entity === entity.name),
      ) || {};
    const groups = groupFields(entity);
    const all = measures(entity);
    const named = asked.field && App.field(entity, asked.field);
    const byRole = ['category', 'status', 'tags']
      .map((role) => groups.find((field) => field.role === role))
      .find(Boolean);
    const by =
      groups.find((field) => field.name === asked.by) ||
      groups.find((field) => field === named) ||
      byRole ||
      groups.find((field) => field.type === 'choice') ||
      groups.find((field) => field.type === 'date') ||
      groups[0];
    const wanted =
      all.find((one) => one.field && one.field === named && (one.measure === asked.measure || !asked.measure)) ||
      all.find((one) => one.field && one.field === named);
    const isGrouped = named && by === named && asked.measure !== 'mean' && asked.measure !== 'sum';
    return { by: by ? by.name : '', what: wanted && !isGrouped ? wanted.key : 'count' };
  }

  /* The group keys of a record: a month of a date, each of many choices, its title when there is no group field. */
  function keysOf(entity, field, record) {
    if (!field) return [App.records.title(entity, record)];
    const value = record.values[field.name];
    if (field.type === 'boolean') return [value === true];
    if (App.fields.of(field).isEmpty(value)) return [null];
    return field.type === 'date' ? [value.slice(0, 7)] : listOf(value);
  }

  function labelOf(field, key) {
    if (key === null) return App.t('common.none');
    if (!field) return key;
    if (field.type === 'date') return App.format.month(key);
    return App.fields.of(field).text(field.many ? [key] : key, field);
  }

  function numberOf(what, records) {
    if (what.measure === 'count') return records.length;
    const numbers = records
      .map((record) => record.values[what.field.name])
      .filter((value) => typeof value === 'number');
    const sum = numbers.reduce((total, value) => total + value, 0);
    if (what.measure === 'sum') return sum;
    return numbers.length > 0 ? sum / numbers.length : 0;
  }

  function shareOut(entity, field, records) {
    const groups = new Map();
    for (const record of records) {
      for (const key of keysOf(entity, field, record)) {
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(record);
      }
    }
    return groups;
  }

  /* Every month between the first and the last, so that a gap is seen as one. */
  function fillMonths(groups) {
    const known = [...groups.keys()].filter((key) => key !== null).sort();
    if (known.length === 0) return [];
    const months = [];
    let [year, month] = known[known.length - 1].split('-').map(Number);
    const enough = () => months.length >= MOST_MONTHS || months[months.length - 1] === known[0];
    while (!enough()) {
      months.push(`${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`);
      month = month === 1 ? 12 : month - 1;
      if (month === 12) year--;
    }
    return months.reverse();
  }

  function orderedKeys(field, groups, value) {
    const keys = [...groups.keys()];
    const place = (key) => (key === null ? Infinity : field.options.findIndex((option) => option.value === key));
    if (field && field.role === 'status') return keys.sort((a, b) => place(a) - place(b)); /* the way the work goes */
    if (field && field.role === 'rating') return keys.sort((a, b) => (b ?? -1) - (a ?? -1));
    return keys.sort((a, b) => value(b) - value(a) || App.compareText(labelOf(field, a), labelOf(field, b)));
  }

  /**
   * The bars: { kind: 'months' or 'bars', bars: [{ label, value, share }], rest } where share is 0..1 of the greatest
   * and rest is how many groups found no place.
   */
  function bars(entity, records, field, what) {
    const groups = shareOut(entity, field, records);
    const value = (key) => numberOf(what, groups.get(key) || []);
    const isMonths = Boolean(field) && field.type === 'date';
    const keys = isMonths ? fillMonths(groups) : orderedKeys(field, groups, value);
    const shown = keys.slice(0, isMonths ? MOST_MONTHS : MOST_BARS);
    const top = Math.max(...shown.map((key) => Math.abs(value(key))), 0);
    return {
      kind: isMonths ? 'months' : 'bars',
      rest: keys.length - shown.length,
      bars: shown.map((key) => ({
        label: labelOf(field, key),
        value: value(key),
        share: top ? Math.abs(value(key)) / top : 0,
      })),
    };
  }

  App.chart = { groupFields, measures, wish, bars };
})((globalThis.App = globalThis.App || {}));
