// SPDX-License-Identifier: Apache-2.0
// agents: the work of peer_agents.c with @openai/agents, LangGraph.js and agent-squad. README.md says what the work is.
//
//   node agents.mjs PERCENT PEER       (PEERS: the folder with the packages)
//
// One line of JSON per figure, as figure.h has it.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(join(process.env.PEERS, 'package.json'));
const percent = Number(process.argv[2]);
const who = process.argv[3];

const size = (usual, least) => Math.max(least, Math.floor((usual * percent) / 100));
const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const best = (values) => Math.max(...values);

function tell(name, value) {
  console.log(JSON.stringify({ name, value, unit: '1/s', class: 'M', who }));
}

function demand(is, what) {
  if (!is) throw new Error(`${who} did not do the work: ${what}`);
}

/** Agents a second, the best of five turns after two that warm up the compiler. */
function measureMade(count, make) {
  const rates = [];
  let last;
  for (let turn = -2; turn < 5; turn++) {
    const begun = seconds();
    for (let i = 0; i < count; i++) last = make();
    if (turn >= 0) rates.push(count / (seconds() - begun));
  }
  demand(last !== undefined, 'an agent');
  tell('agents_made_per_s', best(rates));
}

/** One agent with a tool that all of them share. */
function openaiAgents() {
  const { Agent, setTracingDisabled, tool } = load('@openai/agents');
  setTracingDisabled(true);
  const parameters = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false };
  const echo = tool({ name: 'echo', description: 'gives the text back', parameters, strict: true, execute: async ({ text }) => text });
  measureMade(size(100000, 200), () => new Agent({ name: 'echo', instructions: 'give the text back', tools: [echo] }));
}

function langgraph() {
  const { createReactAgent } = load('@langchain/langgraph/prebuilt');
  const { tool } = load('@langchain/core/tools');
  const { FakeListChatModel } = load('@langchain/core/utils/testing');
  const { z } = load('zod');
  class Model extends FakeListChatModel {
    bindTools() { return this; }
  }
  const llm = new Model({ responses: ['ok'] });
  const echo = tool(async ({ text }) => text, { name: 'echo', description: 'gives the text back', schema: z.object({ text: z.string() }) });
  measureMade(size(5000, 50), () => createReactAgent({ llm, tools: [echo] }));
}

/** A hundred agents, a classifier that always names the same, messages kept in memory; a session for each request, as one that grows is slower. */
async function agentSquad() {
  const { Agent, AgentSquad, Classifier, InMemoryChatStorage } = load('agent-squad');
  class Echo extends Agent {
    async processRequest(text) { return { role: 'assistant', content: [{ text }] }; }
  }
  class Fixed extends Classifier {
    async processRequest() { return { selectedAgent: this.getAgentById('desk-7'), confidence: 1 }; }
  }
  const quiet = () => {};
  const logger = { info: quiet, warn: quiet, debug: quiet, log: quiet, error: console.error };
  const count = size(500, 50); // what it keeps makes more of them slower
  const rates = [];
  for (let turn = -1; turn < 5; turn++) {
    const squad = new AgentSquad({ storage: new InMemoryChatStorage(), classifier: new Fixed(), logger });
    for (let i = 0; i < 100; i++) squad.addAgent(new Echo({ name: `desk ${i}`, description: `handles topic${i}` }));
    const begun = seconds();
    for (let i = 0; i < count; i++) {
      const { output } = await squad.routeRequest(`question ${i}`, 'user', `session-${i}`);
      demand((output?.content?.[0]?.text ?? output) === `question ${i}`, 'a request');
    }
    if (turn >= 0) rates.push(count / (seconds() - begun));
  }
  tell('routed_100_per_s', best(rates));
}

await { 'openai-agents': openaiAgents, langgraph, 'agent-squad': agentSquad }[who]();
