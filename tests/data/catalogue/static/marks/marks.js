globalThis.Marks = {};
