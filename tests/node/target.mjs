// The server under test: the arguments `URL TOKEN`, or ENTENTE_URL and ENTENTE_TOKEN. The URL is the server's own, or that of its API.

const given = new URL(process.argv[2] ?? process.env.ENTENTE_URL ?? 'http://127.0.0.1:8080');

export const url = given.pathname.endsWith('/graphql') ? given.href : new URL('graphql', given).href;
export const token = process.argv[3] ?? process.env.ENTENTE_TOKEN;
export const headers = { authorization: `Bearer ${token}`, 'accept-language': 'en' };
