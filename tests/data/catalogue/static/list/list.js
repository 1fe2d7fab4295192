globalThis.List = [];
