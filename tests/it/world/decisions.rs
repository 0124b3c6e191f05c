//! What the consumers of `care` decide: all agreed to its first revision, the wards object to the second one, and a third one is proposed.

use entente::policy::Scope;
use serde_json::json;

use super::{of, slug};
use crate::{
    agreement::kit::{decide, propose},
    app::{App, problems},
};

/// All consumers agree to the published revision.
pub async fn agree(app: &App) {
    for consumer in ["ward-a", "ward-b", "lab"] {
        let more = json!({ "service": { "slug": slug("care") }, "comment": format!("canary-agreed-{consumer}") });
        let decided =
            decide(&app.someone(&slug(consumer), &[Scope::Read, Scope::AgreementsWrite]), 1, "AGREE", more).await;
        assert_eq!(problems(&decided), []);
    }
}

/// A third revision is proposed, and the wards object to the second one, each with a suggestion.
pub async fn dispute(app: &App) {
    let proposed =
        propose(&of(app, "dsi"), json!({ "slug": slug("care"), "summary": "canary-text-care, proposed" }), json!({}))
            .await;
    assert_eq!(problems(&proposed), []);
    for ward in ["ward-a", "ward-b"] {
        let more = json!({ "service": { "slug": slug("care") }, "comment": format!("canary-objected-{ward}"),
            "suggestion": { "slug": slug("care"), "summary": format!("canary-asked-{ward}") } });
        let decided =
            decide(&app.someone(&slug(ward), &[Scope::Read, Scope::AgreementsWrite]), 2, "OBJECT", more).await;
        assert_eq!(problems(&decided), []);
    }
}
