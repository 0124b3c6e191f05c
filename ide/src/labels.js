// The labels of the page, in the first language of the browser that the page supports. The labels of GraphiQL are English.

const labels = {
  en: {
    token: 'Token',
    tokenTitle: 'Sent with every request as Authorization: Bearer …, unless the headers editor contains another one. It is kept until this tab is closed.',
    tokenPlaceholder: 'paste a token',
    noToken: 'no token: paste one, or open the link that has one',
    expired: (who) => `${who} (expired)`,
    noJwt: 'not a JWT',
  },
  fr: {
    token: 'Jeton',
    tokenTitle: 'Envoyé avec chaque requête comme Authorization: Bearer …, sauf si l’éditeur d’en-têtes en contient un autre. Il est conservé jusqu’à la fermeture de cet onglet.',
    tokenPlaceholder: 'collez un jeton',
    noToken: 'pas de jeton : collez-en un, ou ouvrez le lien qui en contient un',
    expired: (who) => `${who} (expiré)`,
    noJwt: 'pas un JWT',
  },
};

/** The first language of the browser that the page supports, otherwise English. */
export const language = (navigator.languages ?? [navigator.language]).map((tag) => tag.split('-')[0].toLowerCase()).find((tag) => Object.hasOwn(labels, tag)) ?? 'en';

export const label = labels[language];
