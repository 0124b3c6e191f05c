// The language services of the editor run in workers, which are files of the same origin: no blob, no eval.

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = label === 'json' || label === 'graphql' ? label : 'editor';
    return new Worker(new URL(`${name}.worker.js`, import.meta.url), { name });
  },
};
