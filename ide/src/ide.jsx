import './workers.js';
import 'monaco-graphql/esm/monaco-editor.js'; // GraphiQL loads it later; imported here so that its style is part of ide.css
import './fonts.css';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';

import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { examples } from './examples.js';
import { createFetcher } from './fetcher.js';
import { label, language } from './labels.js';
import * as token from './token.js';

function Page() {
  const [bearer, setBearer] = useState(token.read);
  // With a new fetcher, GraphiQL reads the schema again.
  const fetcher = useMemo(() => createFetcher(bearer), [bearer]);

  useEffect(() => {
    const onHash = () => token.takeFromAddress() && setBearer(token.read());
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);

  return (
    <>
      <TokenBar bearer={bearer} onToken={(text) => { token.write(text); setBearer(token.read()); }} />
      <GraphiQL fetcher={fetcher} defaultTabs={examples} defaultEditorToolsVisibility={false} showPersistHeadersSettings={false} inputValueDeprecation schemaDescription>
        <GraphiQL.Logo>{' '}</GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

function TokenBar({ bearer, onToken }) {
  const [draft, setDraft] = useState(bearer);
  useEffect(() => setDraft(bearer), [bearer]);
  const { text, good } = token.describe(bearer);
  const take = () => draft !== bearer && onToken(draft);
  return (
    <header className="entente-bar" lang={language}>
      <strong>Entente</strong>
      <span className={good ? 'who' : 'who bad'} title={text}>{text}</span>
      <label title={label.tokenTitle}>
        {label.token}
        <input name="token" value={draft} autoComplete="off" spellCheck={false} placeholder={label.tokenPlaceholder}
          onChange={(event) => setDraft(event.target.value)} onBlur={take} onKeyDown={(event) => event.key === 'Enter' && take()} />
      </label>
    </header>
  );
}

token.takeFromAddress();
createRoot(document.getElementById('ide')).render(<Page />);
