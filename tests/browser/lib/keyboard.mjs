/*
 * keyboard: adding a record with keys alone: Tab, arrows, Space, Enter and letters.
 */
import assert from 'node:assert/strict';

const MOST_TABS = 300;

async function tabTo(app, selector) {
  for (let i = 0; i < MOST_TABS; i++) {
    if (
      await app.page.evaluate((one) => Boolean(document.activeElement && document.activeElement.closest(one)), selector)
    )
      return;
    await app.page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${selector}`);
}

/* The place in focus is seen: it has an outline, or what holds it has. */
const isFocusSeen = (app) =>
  app.page.evaluate(() => {
    const seen = (node) =>
      node && getComputedStyle(node).outlineStyle !== 'none' && parseFloat(getComputedStyle(node).outlineWidth) > 0;
    const node = document.activeElement;
    return seen(node) || seen(node.nextElementSibling) || seen(node.parentElement);
  });

async function typeInto(app, field) {
  const { keyboard } = app.page;
  const isFilled = await app.page.evaluate(
    () => document.activeElement.type !== 'radio' && Boolean(document.activeElement.value),
  );
  if (isFilled) return;
  if (field.type === 'text' || field.type === 'long-text') await keyboard.type('typed');
  else if (field.type === 'number' || field.type === 'money') await keyboard.type(String(field.min ?? 1));
  else if (field.type === 'email') await keyboard.type('a@example.com');
  else if (field.type === 'url') await keyboard.type('https://example.com');
  else if (field.type === 'date') await keyboard.type('03092025');
  else if (field.type === 'time') await keyboard.type('0930AM');
  else if (field.type === 'choice' && field.open) await keyboard.type('word');
  else if (
    await app.page.evaluate(() => document.activeElement.type === 'radio' || document.activeElement.type === 'checkbox')
  )
    await keyboard.press('Space');
  else await keyboard.press('ArrowDown');
}

export async function addByKeyboard(app, entity) {
  await app.page.evaluate(() => document.activeElement && document.activeElement.blur());
  await tabTo(app, '[data-action="add"]');
  assert.ok(await isFocusSeen(app), 'focus on the button is seen');
  await app.page.keyboard.press('Enter');
  await app.form().waitFor();
  for (const field of entity.fields.filter((one) => one.required || one.name === entity.title_field)) {
    await tabTo(app, `[data-field="${field.name}"]`);
    assert.ok(await isFocusSeen(app), `focus on ${field.name} is seen`);
    await typeInto(app, field);
  }
  await tabTo(app, '[data-action="save"]');
  await app.page.keyboard.press('Enter');
  await app.form().waitFor({ state: 'detached' });
}
