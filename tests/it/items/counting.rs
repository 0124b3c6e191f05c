//! How many statements configuration items take.

use serde_json::{Value, json};

use super::{item, on};
use crate::app::App;

#[tokio::test]
async fn however_many_items_as_many_statements() {
    let app = App::hospital().await;
    let provider = app.provider();
    let batch = |from: usize, count: usize| -> Value {
        (from..from + count)
            .map(|number| item(&format!("n{number}"), on(&[&format!("n{}", number + 1), "san"])))
            .collect()
    };
    let mut written = Vec::new();
    for (from, count) in [(0, 10), (1_000, 400)] {
        let mut counted = Vec::new();
        for _ in 0..2 {
            let before = app.store.statements();
            provider.items(batch(from, count), json!({})).await;
            counted.push(app.store.statements() - before);
        }
        written.push(counted);
    }
    assert_eq!(written[0][1], written[1][1], "{written:?}");
    // More rows than go into one statement take one more for each table.
    assert!(written[1][0] <= written[0][0] + 3, "{written:?}");
    let query = |first: usize| {
        format!("{{ configurationItems(first: {first}, filter: {{system: \"cmdb\"}}) {{ nodes {{ externalReferences {{ key }} services {{ slug }}
            dependsOn(first: 2) {{ totalCount nodes {{ name dependents {{ nodes {{ name }} }} }} }} dependents {{ totalCount nodes {{ name }} }} }} }} }}")
    };
    let mut read = Vec::new();
    for first in [1, 10, 100] {
        let before = app.store.statements();
        provider.get(&query(first)).await;
        read.push(app.store.statements() - before);
    }
    assert_eq!(read[1], read[2], "{read:?}");
    assert!(read[0] <= read[1], "{read:?}");
}
