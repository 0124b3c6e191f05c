import './workers.js';
import 'monaco-graphql/esm/monaco-editor.js'; // loaded later by GraphiQL all the same; named here so that its style is part of ide.css
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
import * as token from './token.js';

function Page() {
  const [bearer, setBearer] = useState(token.read);
  // GraphiQL reads the schema again when the fetcher is another one.
  const fetcher = useMemo(() => createFetcher(bearer), [bearer]);

  useEffect(() => {
    const onHash = () => token.takeFromAddress() && setBearer(token.read());
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);

  return (
    <GraphiQL fetcher={fetcher} defaultTabs={examples} defaultEditorToolsVisibility={false} showPersistHeadersSettings={false} inputValueDeprecation schemaDescription>
      <GraphiQL.Logo>
        <TokenBar bearer={bearer} onToken={(text) => { token.write(text); setBearer(token.read()); }} />
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

function TokenBar({ bearer, onToken }) {
  const [draft, setDraft] = useState(bearer);
  useEffect(() => setDraft(bearer), [bearer]);
  const { text, good } = token.describe(bearer);
  const take = () => draft !== bearer && onToken(draft);
  return (
    <div className="entente-bar">
      <span className={good ? 'who' : 'who bad'} title={text}>{text}</span>
      <label title="Sent with every request as Authorization: Bearer …, unless the headers editor says otherwise. Kept until this tab is closed.">
        Token
        <input name="token" value={draft} autoComplete="off" spellCheck={false} placeholder="paste a token"
          onChange={(event) => setDraft(event.target.value)} onBlur={take} onKeyDown={(event) => event.key === 'Enter' && take()} />
      </label>
      <strong>Entente</strong>
    </div>
  );
}

token.takeFromAddress();
createRoot(document.getElementById('ide')).render(<Page />);
