/**
 * The types that are values of what contains them and have no id of their own. A cache that files objects under type and id keeps them
 * inside their parent: Apollo wants `keyFields: false`, urql's Graphcache `() => null`. Connections, edges and payloads have no id either.
 */
export const typesWithoutId = [
  'Actor',
  'Alignment',
  'AlignmentGap',
  'Attainment',
  'Contact',
  'Deadlines',
  'DefinitionChange',
  'EscalationLevel',
  'EscalationPolicy',
  'Impact',
  'ImpactedOutcome',
  'ImpactedService',
  'Measurement',
  'Money',
  'PageInfo',
  'Perception',
  'Realization',
  'ResponseTarget',
  'SearchHit',
  'Suggestion',
  'UserError',
  'Value',
  'Viewer',
] as const;
