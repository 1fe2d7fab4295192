/*
 * passphrase: keeps a passphrase as something that can be checked but not read: PBKDF2-HMAC-SHA-256 with a salt.
 */
(function (App) {
  'use strict';

  const ROUNDS = 210000;
  const LEAST = 8; /* letters */

  const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

  const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));

  async function bySubtle(subtle, password, salt, rounds) {
    const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    return new Uint8Array(
      await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, key, 256),
    );
  }

  /** The key of a passphrase. Both ways give the same, so a page served later opens what one from disk has locked. */
  function derive(passphrase, salt, rounds, subtle) {
    const password = new TextEncoder().encode(passphrase.normalize('NFC'));
    return subtle ? bySubtle(subtle, password, salt, rounds) : App.sha256.pbkdf2(password, salt, rounds);
  }

  const ownSubtle = () => (globalThis.crypto && globalThis.crypto.subtle) || null;

  /* Takes as long for a wrong first letter as for a wrong last one. */
  function isEqual(a, b) {
    if (a.length !== b.length) return false;
    let difference = 0;
    for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
    return difference === 0;
  }

  App.passphrase = {
    derive,
    least: LEAST,

    /** What is wrong with a new passphrase and its repetition: a text's key, or null. */
    problem(passphrase, again) {
      if ([...passphrase].length < LEAST) return 'signin.short';
      return passphrase === again ? null : 'signin.differs';
    },

    /** The text to keep: "pbkdf2-sha256$rounds$salt$key". */
    async lock(passphrase, rounds = ROUNDS) {
      const salt = globalThis.crypto.getRandomValues(new Uint8Array(16));
      const key = await derive(passphrase, salt, rounds, ownSubtle());
      return ['pbkdf2-sha256', rounds, toHex(salt), toHex(key)].join('$');
    },

    async opens(passphrase, kept) {
      const [kind, rounds, salt, key] = String(kept).split('$');
      if (kind !== 'pbkdf2-sha256' || !(Number(rounds) >= 1) || !key) return false;
      return isEqual(await derive(passphrase, fromHex(salt), Number(rounds), ownSubtle()), fromHex(key));
    },
  };
})((globalThis.App = globalThis.App || {}));
