//! From the text of a request to what the API carries out.

use async_graphql::{
    Request, ServerError,
    parser::{
        parse_query,
        types::{DocumentOperations, OperationType},
    },
};

use super::Params;
use crate::http::App;

/// A request whose document was parsed, with the operation chosen.
pub(super) struct Prepared {
    pub request: Request,
    pub operation_type: OperationType,
    pub operation_name: Option<String>,
}

/// Parses the document and chooses the operation.
pub(super) fn prepare(_app: &App, params: &mut Params) -> Result<Prepared, ServerError> {
    let document = parse_query(&params.query)?;
    let wanted = params.operation_name.as_deref();
    let (name, operation_type) = match (&document.operations, wanted) {
        (DocumentOperations::Single(operation), None) => (None, operation.node.ty),
        (DocumentOperations::Single(_), Some(_)) => {
            return Err(ServerError::new("There is no operation of that name.", None));
        }
        (DocumentOperations::Multiple(operations), None) => {
            let mut operations = operations.iter();
            match (operations.next(), operations.next()) {
                (Some((name, operation)), None) => (Some(name.to_string()), operation.node.ty),
                _ => return Err(ServerError::new("The request must name one of its operations.", None)),
            }
        }
        (DocumentOperations::Multiple(operations), Some(wanted)) => match operations.get(wanted) {
            Some(operation) => (Some(wanted.to_owned()), operation.node.ty),
            None => return Err(ServerError::new("There is no operation of that name.", None)),
        },
    };
    let mut request = Request::new(std::mem::take(&mut params.query)).variables(std::mem::take(&mut params.variables));
    request.operation_name.clone_from(&name);
    request.set_parsed_query(document);
    Ok(Prepared { request, operation_type, operation_name: name })
}
