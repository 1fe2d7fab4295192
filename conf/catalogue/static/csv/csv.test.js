'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { load } = require('./helper.js');

test('what_is_written_is_read_back', () => {
  const { csv } = load('core', 'format', 'fields', 'csv');
  const rows = [
    ['a', 'b,c', 'say "hi"', 'two\nlines'],
    ['=SUM(A1)', '-5', '@x', '+82 10-1234'],
    ['한글', '', 'x', "'quoted'"],
  ];
  assert.deepEqual(csv.parse(csv.print(rows)), rows);
});

test('a_formula_is_disarmed_and_a_number_is_not', () => {
  const { csv } = load('core', 'format', 'fields', 'csv');
  assert.equal(csv.print([['=1+1', '-5', '-1,200.5', '-cmd']]), '\'=1+1,-5,"-1,200.5",\'-cmd\r\n');
});

test('tables_of_other_programs_are_read', () => {
  const { csv } = load('core', 'format', 'fields', 'csv');
  const cases = [
    [
      '\ufeffa,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a;b\n1;2,5',
      [
        ['a', 'b'],
        ['1', '2,5'],
      ],
    ],
    [
      'a\tb\n1\t2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n\n,\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['"a;b",c', [['a;b', 'c']]],
    ['', []],
    ['"open', [['open']]],
  ];
  for (const [text, want] of cases) assert.deepEqual(csv.parse(text), want, JSON.stringify(text));
});
