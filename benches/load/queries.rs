//! The queries for Entente.

/// Q1: one service by an external key, with outcomes, indicators, costs and risks.
pub const ONE: &str = r#"query ServiceByKey($key: String!) {
  service(by: {ref: {system: "servicenow", key: $key}}) {
    id slug name summary lifecycle revision
    outcomes { id key statement supported indicators { id key name unit direction baseline target } }
    costs { id key statement effect amount { amount currency } period }
    risks { id key statement effect likelihood impact mitigation }
  }
}"#;

/// Q2: a page of 50 services by name, filtered, with outcomes, indicators and provider.
pub const PAGE: &str = "query Dashboard($after: String) {
  services(filter: {lifecycle: [LIVE]}, first: 50, after: $after) {
    nodes {
      id slug name lifecycle
      provider { id slug name }
      outcomes { id key statement supported indicators { key name unit direction baseline target } }
    }
  }
}";

/// The same page with all fields that a list can select from its services.
pub const WIDE_PAGE: &str = "query WideDashboard($after: String) {
  services(first: 50, after: $after) {
    nodes {
      id slug name lifecycle
      provider { id slug name }
      outcomes { id key statement supported indicators { key name unit direction baseline target } }
      costs { id key statement effect }
      risks { id key statement effect }
      value { benefits { id key statement stakeholder } }
      offerings { id key name }
      consumers { id since organization { id slug name } }
    }
  }
}";

/// The cursors of the pages, and the content of the limit's tables.
pub const ALL: &str = "query All($after: String) {
  services(first: 50, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id slug name summary lifecycle revision
      provider { id slug name }
      outcomes { id key statement supported indicators { id key name unit direction baseline target } }
      costs { id key statement effect amount { amount currency } period }
      risks { id key statement effect likelihood impact mitigation }
      externalReferences { system key }
    }
  }
}";
