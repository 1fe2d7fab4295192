/*
 * field-image: a picture, made small before it is kept, because a browser's storage holds only a few million letters.
 */
(function (App) {
  'use strict';

  const SIDE = 720; /* pixels of the longer side */
  const LIMIT = 150000; /* letters of the kept text: about 110 KB of picture */
  const KINDS = /^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$/;

  /** Width and height that fit into a square of that side without changing the shape. */
  function fit(width, height, side) {
    const scale = Math.min(1, side / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  }

  function clean(value) {
    if (value === null || value === undefined || value === '') return null;
    return typeof value === 'string' && value.length <= LIMIT && KINDS.test(value) ? value : undefined;
  }

  function draw(bitmap, side) {
    const size = fit(bitmap.width, bitmap.height, side);
    const canvas = App.h('canvas', size);
    const context = canvas.getContext('2d');
    context.fillStyle = '#fff'; /* JPEG has no see-through */
    context.fillRect(0, 0, size.width, size.height);
    context.drawImage(bitmap, 0, 0, size.width, size.height);
    return canvas;
  }

  /* Tries smaller and rougher pictures until one fits. */
  async function shrink(file) {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    for (const [side, quality] of [
      [SIDE, 0.82],
      [SIDE, 0.6],
      [480, 0.6],
      [320, 0.5],
    ]) {
      const text = draw(bitmap, side).toDataURL('image/jpeg', quality);
      if (text.length <= LIMIT) return text;
    }
    throw new Error('too large');
  }

  function control(field, value, ids) {
    let current = value || null;
    let pending = Promise.resolve();
    const input = App.h('input', {
      type: 'file',
      class: 'visually-hidden',
      accept: 'image/*',
      id: ids.id,
      'aria-describedby': ids.describedBy,
    });
    const preview = App.h('div', { class: 'image-preview' });
    const status = App.h('p', { class: 'hint', role: 'status' });
    const remove = App.button(
      App.t('image.remove'),
      {
        class: 'button quiet',
        onclick: () => {
          set(null);
          input.focus();
        },
      },
      'trash',
    );
    const node = App.h(
      'div',
      { class: 'image-control' },
      preview,
      input,
      App.h('label', { class: 'button', for: ids.id }, App.icon('upload'), App.t('image.choose')),
      remove,
      status,
    );

    function set(next) {
      current = next;
      remove.hidden = !current;
      App.fill(preview, current ? App.h('img', { src: current, alt: field.label }) : App.icon('image'));
      node.dispatchEvent(new Event('input', { bubbles: true }));
    }
    async function take(file) {
      status.textContent = App.t('image.working');
      try {
        set(await shrink(file));
        status.textContent = '';
      } catch (error) {
        status.textContent = App.t('field.bad.image');
      }
    }
    input.addEventListener('change', () => {
      if (input.files[0]) pending = take(input.files[0]);
      input.value = '';
    });
    set(current);
    return { node, focus: input, read: () => current, ready: () => pending };
  }

  App.fitImage = fit;

  App.fields.define('image', {
    isSearched: false,
    isWide: true,
    clean,
    check: (value) => (clean(value) ? null : { key: 'field.bad.image' }),
    compare: () => 0,
    show(value, field, context) {
      const words = context && context.record ? App.records.title(context.entity, context.record) : field.label;
      return App.h('img', { class: 'image', src: value, alt: words, loading: 'lazy' });
    },
    control,
  });
})((globalThis.App = globalThis.App || {}));
