/*
 * project: what a built project says of itself: its model, read from js/model.js, and values that its fields can hold.
 */
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

/** { dir, info, model } of a project's folder. */
export function readProject(dir) {
  const context = vm.createContext({});
  vm.runInContext(fs.readFileSync(path.join(dir, 'js/model.js'), 'utf8'), context, { filename: 'model.js' });
  const { info, model } = JSON.parse(vm.runInContext('JSON.stringify({ info: App.info, model: App.model })', context));
  return { dir, info, model };
}

/** The entities with those first that others need. */
export function inNeedOrder(model) {
  const order = [];
  const visit = (entity, path) => {
    if (order.includes(entity) || path.includes(entity)) return;
    for (const field of entity.fields.filter((one) => one.type === 'relation')) {
      visit(
        model.entities.find((one) => one.name === field.target),
        [...path, entity],
      );
    }
    order.push(entity);
  };
  model.entities.forEach((entity) => visit(entity, []));
  return order;
}

export const fieldOfRole = (entity, role) => entity.fields.find((field) => field.role === role);

/** The first entity that has a field of that role. */
export const entityOfRole = (model, role) => model.entities.find((entity) => fieldOfRole(entity, role));

function isoDay(offset) {
  const date = new Date();
  date.setDate(date.getDate() + offset);
  const pad = (number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/* A picture of one pixel. */
export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/* Each text holds a word that no other record has, and what would be trouble if it were read as HTML. */
export const WORDS = ['zebra', 'quagga', 'okapi', 'tapir', 'ibex'];
const trouble = (i) => `${WORDS[i % WORDS.length]} <img src=x onerror=alert(1)> & "it's"`;

function inRange(field, i) {
  const step = field.step || 1;
  const least = field.min ?? 0;
  return Math.min(least + step * i, field.max ?? Infinity);
}

/** The value that record number i of an entity gets in a field, as a person would type or choose it. */
export function sample(field, i) {
  const options = (field.options || []).map((option) => option.value);
  switch (field.type) {
    case 'text':
      return trouble(i);
    case 'long-text':
      return `${trouble(i)}\nsecond line`;
    case 'number':
      return field.role === 'rating' ? Math.min((field.min ?? 1) + i, field.max ?? 5) : inRange(field, i + 1);
    case 'money':
      return inRange(field, i + 1) * (field.step ? 1 : 10);
    case 'date':
      return isoDay([-3, 0, 3, 40][i % 4]);
    case 'time':
      return `0${(i % 9) + 1}:30`;
    case 'boolean':
      return field.role === 'done' || field.role === 'favourite' ? false : i % 2 === 0;
    case 'email':
      return `${WORDS[i % WORDS.length]}@example.com`;
    case 'url':
      return `https://example.com/${WORDS[i % WORDS.length]}`;
    case 'choice':
      return field.open && options.length === 0 ? `word${i}` : options[(i * 2) % options.length];
    default:
      return null;
  }
}
