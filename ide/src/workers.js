// The editor's language services run beside the page, from files of its own origin: no blob, no eval.

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = label === 'json' || label === 'graphql' ? label : 'editor';
    return new Worker(new URL(`${name}.worker.js`, import.meta.url), { name });
  },
};
