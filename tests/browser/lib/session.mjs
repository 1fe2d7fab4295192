/*
 * session: how the features are tried that are about a person at work: signing in, and taking back.
 */
import assert from 'node:assert/strict';
import { PASSPHRASE } from './app.mjs';

export async function signIn(app, { info }) {
  await app.$('[data-action="lock"]').click();
  await app.$('[data-view="sign-in"]').waitFor();
  assert.equal(await app.$('[data-record]').count(), 0);
  await app.signIn('not the passphrase');
  await app.$('[role="alert"]:not(:empty)').waitFor();
  await app.signIn(PASSPHRASE);
  await app.$('[data-record]').first().waitFor();
  const kept = await app.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.ok(!kept.includes(PASSPHRASE));
  assert.ok(kept.includes(`${info.id}/pref/sign-in`));
}

export async function undo(app, { model }) {
  const entity = model.entities[0];
  await app.go(entity);
  const before = await app.stored(entity);
  const id = await app.add(entity, 3);
  await app.waitCount(before.length + 1);
  await app.remove(id);
  await app.$('[data-view="toast"] [data-action="undo"]').last().click();
  await app.record(id).waitFor();
  await app.$('[data-action="undo-last"]').click();
  await app.record(id).waitFor({ state: 'detached' });
  assert.deepEqual(await app.stored(entity), before);
  await app.$('[data-action="redo-last"]').click();
  await app.record(id).waitFor();
  await app.page.keyboard.press('Control+z');
  await app.record(id).waitFor({ state: 'detached' });
}
