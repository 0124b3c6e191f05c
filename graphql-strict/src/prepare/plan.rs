//! The result of parsing and checking a text: each of its operations as a separate document.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::{
        self, parse_query,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, VariableDefinition,
        },
    },
};

use super::{
    Valid,
    merge::merge,
    overlap::{Fragments, Overlap},
    rules::Size,
    types::Types,
    uses,
    walk::{self, Found},
};
use crate::{Guarded, Refusal};

/// One operation of a text.
pub struct Plan {
    /// Its name. `None` if it has none.
    pub name: Option<Name>,
    /// Its type.
    pub ty: OperationType,
    /// The variables that it defines.
    pub definitions: Vec<Positioned<VariableDefinition>>,
    /// For each variable, the names of the arguments and input fields with bounds in which it is used.
    pub bounded: HashMap<Name, HashSet<Name>>,
    /// The operation and the fragments that it uses, without the other operations of the text: the library would check these with the
    /// variables of this one.
    pub document: ExecutableDocument,
    /// An upper limit of its number of selections, arguments and values.
    pub size: usize,
    /// Whether the text selects a field twice under one response key. The document still does if these have directives.
    pub repeats_fields: bool,
    /// The size of the result of its introspection, or why that is refused. `None` if it selects no introspection.
    pub introspection: Option<Result<Size, Refusal>>,
    /// Whether the library has found the document valid.
    pub valid: Valid,
}

/// Parses a text and checks each of its operations.
pub fn plans(types: &Types, text: &Guarded<'_>) -> Result<Vec<Plan>, Refusal> {
    let document = parse_query(text.text()).map_err(syntax)?;
    if let Some(name) = text.repeated_field() {
        let message = format!("The field \"{}\" is given twice in one object.", &text.text()[name.clone()]);
        return Err(Refusal::invalid(message, Some(position(text.text(), name.start))));
    }
    let fragments = &document.fragments;
    let mut found = HashMap::new();
    for (name, fragment) in fragments {
        found.insert(name.as_str(), walk::fragment(types, &fragment.node)?);
    }

    let mut operations: Vec<_> = document.operations.iter().collect();
    operations.sort_by_key(|(_, operation)| operation.pos);
    let mut used = HashSet::new();
    let mut plans = Vec::new();
    for (name, operation) in operations {
        let walked = walk::operation(types, &operation.node)?;
        let reached = reach(&walked, &found)?;
        let parts = || std::iter::once(&walked).chain(reached.iter().filter_map(|name| found.get(name)));
        let ignored = uses::check(&operation.node, parts().flat_map(|part| &part.uses))?;
        let size = parts().map(|part| part.size).sum();
        let own = |(name, fragment): (&Name, &Positioned<_>)| {
            reached.contains(name.as_str()).then(|| (name.clone(), fragment.clone()))
        };
        let own = fragments.iter().filter_map(own).collect();
        let mut plan = plan(types, name.cloned(), operation.clone(), own, ignored, size)?;
        for usage in parts().flat_map(|part| &part.uses) {
            if let Some(name) = usage.expected.and_then(|expected| expected.bounded) {
                plan.bounded.entry(usage.variable.clone()).or_default().insert(name.clone());
            }
        }
        plans.push(plan);
        used.extend(reached);
    }
    if let Some((name, fragment)) = fragments.iter().find(|(name, _)| !used.contains(name.as_str())) {
        return Err(Refusal::invalid(format!("The fragment \"{name}\" is not used."), Some(fragment.pos)));
    }
    Ok(plans)
}

fn plan(
    types: &Types,
    name: Option<Name>,
    mut operation: Positioned<OperationDefinition>,
    mut fragments: Fragments,
    ignored: HashSet<Name>,
    mut size: usize,
) -> Result<Plan, Refusal> {
    let ty = operation.node.ty;
    let Some(root) = types.root(ty) else {
        return Err(Refusal::invalid(format!("There are no operations of the kind \"{ty}\"."), Some(operation.pos)));
    };
    let mut overlap = Overlap::new(types, &fragments);
    overlap.check(&operation.node.selection_set.node, root)?;
    let repeats_fields = overlap.repeated;
    if repeats_fields || ty == OperationType::Subscription {
        size += overlap.reached;
        merge(types, &fragments, &mut operation.node.selection_set.node, root);
        check_root(types, &operation, &fragments, root)?;
        retain_reached(types, &operation.node, &mut fragments)?;
    }
    let introspection = match ty {
        OperationType::Query => types.introspection.check(&operation.node.selection_set.node, &fragments),
        OperationType::Mutation | OperationType::Subscription => None,
    };
    let definitions = operation.node.variable_definitions.clone();
    operation.node.variable_definitions.retain(|definition| !ignored.contains(&definition.node.name.node));
    let operations = match &name {
        None => DocumentOperations::Single(operation),
        Some(name) => DocumentOperations::Multiple(HashMap::from([(name.clone(), operation)])),
    };
    Ok(Plan {
        name,
        ty,
        definitions,
        bounded: HashMap::new(),
        document: ExecutableDocument { operations, fragments },
        size,
        repeats_fields,
        introspection,
        valid: Valid::default(),
    })
}

/// Checks that a mutation runs each of its fields once, and that a subscription has one field.
fn check_root(
    types: &Types,
    operation: &Positioned<OperationDefinition>,
    fragments: &Fragments,
    root: &Name,
) -> Result<(), Refusal> {
    let set = &operation.node.selection_set.node;
    let mut overlap = Overlap::new(types, fragments);
    let keys = overlap.keys(set, root)?;
    match operation.node.ty {
        OperationType::Query => {}
        OperationType::Mutation => {
            if overlap.repeated || keys.iter().any(|(_, count)| *count > 1) {
                let message = "A mutation is given twice under one key, with directives: it can run only once.";
                return Err(Refusal::invalid(message, Some(operation.pos)));
            }
        }
        OperationType::Subscription => {
            if keys.len() != 1 {
                return Err(Refusal::invalid("A subscription selects exactly one field.", Some(operation.pos)));
            }
            let conditional = |item: &&Positioned<Selection>| {
                item.node.directives().iter().any(|it| matches!(it.node.name.node.as_str(), "skip" | "include"))
            };
            if let Some(item) = set.items.iter().find(conditional) {
                let message = "The field of a subscription must have neither \"@skip\" nor \"@include\".";
                return Err(Refusal::invalid(message, Some(item.pos)));
            }
        }
    }
    Ok(())
}

/// Removes the fragments that are no longer spread, because all spreads were replaced by their selections.
fn retain_reached(types: &Types, operation: &OperationDefinition, fragments: &mut Fragments) -> Result<(), Refusal> {
    let mut found = HashMap::new();
    for (name, fragment) in &*fragments {
        found.insert(name.as_str(), walk::fragment(types, &fragment.node)?);
    }
    let reached: HashSet<Name> =
        reach(&walk::operation(types, operation)?, &found)?.into_iter().map(Name::new).collect();
    drop(found);
    fragments.retain(|name, _| reached.contains(name));
    Ok(())
}

/// The fragments that an operation uses, directly or through other fragments.
fn reach<'a>(operation: &Found<'a>, fragments: &HashMap<&'a str, Found<'a>>) -> Result<HashSet<&'a str>, Refusal> {
    let mut reached = HashSet::new();
    let mut next = operation.spreads.clone();
    while let Some(spread) = next.pop() {
        let Some(fragment) = fragments.get(spread.node.as_str()) else {
            return Err(Refusal::invalid(format!("There is no fragment \"{}\".", spread.node), Some(spread.pos)));
        };
        if reached.insert(spread.node.as_str()) {
            next.extend(&fragment.spreads);
        }
    }
    Ok(reached)
}

/// A syntax error. The parser's message shows the line; only the end of it, with what was expected, is used.
fn syntax(error: parser::Error) -> Refusal {
    let why = match &error {
        parser::Error::Syntax { message, .. } => {
            message.rsplit("= ").next().unwrap_or(message).trim().replace('_', " ")
        }
        other => other.to_string().trim_end_matches('.').to_owned(),
    };
    Refusal::invalid(format!("The document cannot be read: {why}."), error.positions())
}

fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    Pos { line, column }
}
