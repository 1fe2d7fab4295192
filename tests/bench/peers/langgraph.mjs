// SPDX-License-Identifier: Apache-2.0
// langgraph: the work of peer_work.c with LangGraph.js and its SQLite saver. README.md says what the work is.
//
//   node langgraph.mjs PERCENT       (PEERS: the folder with the packages)
//
// One line of JSON per figure, as figure.h has it. durability "sync": a step's checkpoint is in the store before the next
// step begins, as tdev has it. The saver opens SQLite in WAL with synchronous=NORMAL (class N); class F is the same with
// synchronous=FULL.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(join(process.env.PEERS, 'package.json'));
const { Annotation, END, START, Send, StateGraph } = load('@langchain/langgraph');
const { SqliteSaver } = load('@langchain/langgraph-checkpoint-sqlite');

const percent = Number(process.argv[2]);
const small = 'x'.repeat(100);
const large = 'x'.repeat(1024);
const folder = mkdtempSync('/var/tmp/tdev-bench-');
const file = join(folder, 'checkpoints.db');

const size = (usual, least) => Math.max(least, Math.floor((usual * percent) / 100));
const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

function tell(name, value, unit, durability) {
  console.log(JSON.stringify({ name, value, unit, class: durability, who: 'langgraph' }));
}

function demand(is, what) {
  if (!is) throw new Error(`langgraph did not do the work: ${what}`);
}

const synchronous = { N: 'NORMAL', F: 'FULL' };

/** A saver on a file of its own; none in memory (class M). */
function openSaver(durability) {
  if (durability === 'M') return undefined;
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  const saver = SqliteSaver.fromConnString(file);
  saver.setup();
  saver.db.pragma(`synchronous = ${synchronous[durability]}`);
  demand(saver.db.pragma('journal_mode', { simple: true }) === 'wal', 'its store is not in WAL');
  return saver;
}

let threads = 0;
const thread = (more) => ({ configurable: { thread_id: `t${threads++}` }, durability: 'sync', ...more });

/** Ten nodes in a row. */
function chain(checkpointer) {
  const graph = new StateGraph(Annotation.Root({ last: Annotation() }));
  for (let i = 0; i < 10; i++) graph.addNode(`n${i}`, () => ({ last: small }));
  graph.addEdge(START, 'n0').addEdge('n9', END);
  for (let i = 1; i < 10; i++) graph.addEdge(`n${i - 1}`, `n${i}`);
  return graph.compile({ checkpointer });
}

async function runChains(app, count, lanes) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) demand((await app.invoke({ last: '' }, thread())).last === small, 'chain');
  };
  const begun = seconds();
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count * 10) / (seconds() - begun);
}

async function measureChains(durability, usual, lanes) {
  const saver = openSaver(durability);
  const app = chain(saver);
  await runChains(app, lanes, lanes);
  tell(`chain_10_x${lanes}`, await runChains(app, size(usual, lanes), lanes), '1/s', durability);
  saver?.db.close();
}

/** One node that goes round; its results in a list, or the last only. */
function long(steps, isList, checkpointer) {
  const results = isList ? Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }) : Annotation();
  return new StateGraph(Annotation.Root({ n: Annotation(), results }))
    .addNode('step', (state) => ({ n: state.n + 1, results: isList ? [large] : large }))
    .addEdge(START, 'step')
    .addConditionalEdges('step', (state) => (state.n < steps ? 'step' : END), ['step', END])
    .compile({ checkpointer });
}

async function measureLong(durability, usual, isList) {
  const steps = size(usual, 10);
  const name = `long_${usual}_${isList ? 'list' : 'last'}`;
  const saver = openSaver(durability);
  const app = long(steps, isList, saver);
  const begun = seconds();
  const end = await app.invoke({ n: 0 }, thread({ recursionLimit: steps + 5 }));
  tell(name, steps / (seconds() - begun), '1/s', durability);
  demand(end.n === steps && (isList ? end.results.length === steps : end.results === large), name);
  saver.db.pragma('wal_checkpoint(TRUNCATE)');
  if (usual === 1000 && isList && durability === 'N') tell(`${name}_bytes`, statSync(file).size / steps, 'bytes', 'N');
  saver.db.close();
}

/** 100 at the same time, and a node that joins them. */
function fan(checkpointer) {
  const out = Annotation({ reducer: (a, b) => a.concat(b), default: () => [] });
  return new StateGraph(Annotation.Root({ out, i: Annotation() }))
    .addNode('work', () => ({ out: [small] }))
    .addNode('join', (state) => ({ i: state.out.length }))
    .addConditionalEdges(START, () => Array.from({ length: 100 }, (_, i) => new Send('work', { i })), ['work'])
    .addEdge('work', 'join')
    .addEdge('join', END)
    .compile({ checkpointer });
}

async function measureFan(durability) {
  const saver = openSaver(durability);
  const app = fan(saver);
  const rates = [];
  for (let turn = -3; turn < 20; turn++) {
    const begun = seconds();
    demand((await app.invoke({ i: 0 }, thread())).i === 100, 'fan');
    if (turn >= 0) rates.push(100 / (seconds() - begun));
  }
  tell('fan_100', median(rates), '1/s', durability);
  saver?.db.close();
}

try {
  await measureChains('M', 200, 1);
  await measureFan('M');
  for (const durability of ['N', 'F']) {
    await measureChains(durability, 100, 1);
    await measureChains(durability, 100, 16);
    for (const [steps, isList] of [[100, false], [100, true], [1000, false], [1000, true]])
      await measureLong(durability, steps, isList);
    await measureFan(durability);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
