/*
 * ratings: a number shown and given as stars. Underneath they are radio buttons, so arrow keys work.
 */
(function (App) {
  'use strict';

  const top = (field) => field.max || 5;

  const bottom = (field) => field.min || 1;

  function clean(value, field) {
    if (value === null || value === undefined || value === '') return null;
    const number = typeof value === 'string' ? Number(value.split('/')[0]) : value;
    return Number.isInteger(number) && number >= bottom(field) && number <= top(field) ? number : undefined;
  }

  const words = (value, field) =>
    App.t('rating.of', { value: App.format.number(value), max: App.format.number(top(field)) });

  function stars(value, field) {
    const all = Array.from({ length: top(field) }, (_, i) => App.icon('star', i < value ? 'is-full' : ''));
    return App.h('span', { class: 'stars', role: 'img', 'aria-label': words(value, field), 'data-stars': value }, all);
  }

  function control(field, value, ids) {
    const scale = Array.from({ length: top(field) - bottom(field) + 1 }, (_, i) => bottom(field) + i);
    const radio = (number) =>
      App.h('input', {
        type: 'radio',
        name: ids.id,
        value: number,
        checked: number === (value ?? 0),
        'aria-label': number === 0 ? App.t('rating.none') : words(number, field),
      });
    const inputs = (field.required ? scale : [...scale, 0]).map(radio);
    const label = (input) =>
      App.h(
        'label',
        { class: input.value === '0' ? 'star-choice is-none' : 'star-choice' },
        input,
        App.icon(input.value === '0' ? 'close' : 'star'),
      );
    const node = App.h('div', { class: 'star-input' }, inputs.map(label));
    const read = () => {
      const picked = inputs.find((input) => input.checked);
      return picked && picked.value !== '0' ? Number(picked.value) : null;
    };
    const paint = () =>
      inputs.forEach((input) =>
        input.parentNode.classList.toggle('is-full', input.value !== '0' && Number(input.value) <= (read() || 0)),
      );
    node.addEventListener('change', paint);
    paint();
    return { node, isGroup: true, focus: inputs.find((input) => input.checked) || inputs[0], read };
  }

  App.fields.define('role:rating', {
    isSearched: false,
    clean,
    check: (value, field) =>
      clean(value, field) === undefined
        ? { key: 'field.bad.rating', args: { min: bottom(field), max: top(field) } }
        : null,
    compare: (a, b) => a - b,
    show: stars,
    control,
  });
})((globalThis.App = globalThis.App || {}));
