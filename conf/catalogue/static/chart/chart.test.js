'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

const kind = {
  name: 'kind',
  label: 'Kind',
  type: 'choice',
  role: 'category',
  options: [
    { value: 'food', label: 'Food' },
    { value: 'rent', label: 'Rent' },
  ],
};
const amount = { name: 'amount', label: 'Amount', type: 'money', currency: 'USD' };
const day = { name: 'day', label: 'Day', type: 'date' };
const entity = {
  name: 'cost',
  label: 'Cost',
  title_field: 'title',
  fields: [{ name: 'title', label: 'Title', type: 'text' }, kind, amount, day],
};
const records = [
  ['food', 10, '2025-01-05'],
  ['food', 30, '2025-03-01'],
  ['rent', 500, '2025-03-02'],
  [null, null, null],
].map(([k, a, d], i) => ({ values: { title: `t${i}`, kind: k, amount: a, day: d } }));

function make(features) {
  const App = load('core', 'format', 'fields', 'field-choice', 'chart-data');
  App.records = { title: (_, record) => record.values.title };
  App.strings = { 'common.none': 'None' };
  App.model.features = features || [];
  return App;
}

const what = (App, key) => App.chart.measures(entity).find((one) => one.key === key);
const pairs = (data) => data.bars.map((bar) => [bar.label, bar.value]);

test('records_are_counted_summed_and_averaged_by_group', () => {
  const App = make();
  assert.deepEqual(pairs(App.chart.bars(entity, records, kind, what(App, 'count'))), [
    ['Food', 2],
    ['None', 1],
    ['Rent', 1],
  ]);
  assert.deepEqual(pairs(App.chart.bars(entity, records, kind, what(App, 'sum:amount'))), [
    ['Rent', 500],
    ['Food', 40],
    ['None', 0],
  ]);
  assert.deepEqual(pairs(App.chart.bars(entity, records, kind, what(App, 'mean:amount'))), [
    ['Rent', 500],
    ['Food', 20],
    ['None', 0],
  ]);
});

test('a_month_without_records_is_a_gap', () => {
  const App = make();
  const data = App.chart.bars(entity, records, day, what(App, 'sum:amount'));
  assert.equal(data.kind, 'months');
  assert.deepEqual(
    data.bars.map((bar) => bar.value),
    [10, 0, 530],
  );
  assert.equal(data.bars[2].share, 1);
});

test('the_model_says_what_is_charted_first', () => {
  const cases = [
    [[{ name: 'chart', entity: 'cost', field: 'amount', measure: 'sum' }], { by: 'kind', what: 'sum:amount' }],
    [[{ name: 'chart', entity: 'cost', field: 'amount', measure: 'mean' }], { by: 'kind', what: 'mean:amount' }],
    [[{ name: 'chart', entity: 'cost', field: 'day', measure: 'count' }], { by: 'day', what: 'count' }],
    [[{ name: 'chart' }], { by: 'kind', what: 'count' }],
  ];
  for (const [features, want] of cases) assert.deepEqual(make(features).chart.wish(entity), want);
});

test('nothing_to_chart_is_no_bar', () => {
  const App = make();
  assert.deepEqual(App.chart.bars(entity, [], day, what(App, 'count')).bars, []);
  assert.deepEqual(App.chart.bars(entity, [], kind, what(App, 'count')).bars, []);
});
