// Stands in for the prettier plugins that GraphiQL names: format.js brings its own.
export const printers = {};
export const parsers = {};
