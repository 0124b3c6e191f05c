// The token that is sent with every request. It comes from the field on the page, or from the link (`#token=…`, which a browser never sends
// to a server). It is kept until the browser tab is closed.

import { label } from './labels.js';

const KEY = 'entente:token';

/** Moves a token from the address to the storage, so that it is neither bookmarked nor shown. Returns whether there was one. */
export function takeFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return false;
  history.replaceState(null, '', location.pathname + location.search);
  write(token);
  return true;
}

export function read() {
  return sessionStorage.getItem(KEY) ?? '';
}

export function write(token) {
  const bare = token.trim().replace(/^Bearer\s+/i, '');
  if (bare) sessionStorage.setItem(KEY, bare);
  else sessionStorage.removeItem(KEY);
}

/** The bearer of the token, only to be shown: the server verifies the token. */
export function describe(token) {
  if (!token) return { text: label.noToken, good: false };
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    const who = [claims.name ?? claims.sub, claims.org].filter((part) => typeof part === 'string').join(' · ');
    const expired = typeof claims.exp === 'number' && claims.exp * 1000 < Date.now();
    return expired ? { text: label.expired(who), good: false } : { text: who, good: true };
  } catch {
    return { text: label.noJwt, good: false };
  }
}
