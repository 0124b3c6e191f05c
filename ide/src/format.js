// Replaces prettier/standalone, which GraphiQL loads to "prettify": prettier for GraphQL, and for JSON the small formatter that is part of
// the page.
import { applyEdits, format as edits } from 'jsonc-parser';

export async function format(text, { parser }) {
  if (parser !== 'graphql') {
    return applyEdits(text, edits(text, undefined, { tabSize: 2, insertSpaces: true, insertFinalNewline: true }));
  }
  const [prettier, graphql] = await Promise.all([import('prettier/standalone'), import('prettier/plugins/graphql')]);
  return prettier.format(text, { parser, plugins: [graphql] });
}
