//! The variables of one request. They are checked and completed by the defaults of the operation. Absent variables are removed from the
//! document, because the library would make them null.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{Directive, DocumentOperations, ExecutableDocument, Selection, SelectionSet, Type},
};
use async_graphql_value::{ConstValue, Value};

use super::{
    literal::{self, Expected, Fault, Source},
    plan::Plan,
    types::Types,
};
use crate::Refusal;

/// Checks the values, adds the defaults, and removes variables that the operation does not define. Returns also the names of the absent
/// variables.
pub fn complete(types: &Types, plan: &Plan, mut given: Variables) -> Result<(Variables, HashSet<Name>), Refusal> {
    let (mut variables, mut absent) = (Variables::default(), HashSet::new());
    for Positioned { node: definition, pos } in &plan.definitions {
        let (name, ty) = (&definition.name.node, &definition.var_type.node);
        match (given.remove(name), &definition.default_value) {
            (Some(mut value), _) => {
                check(types, plan, name, ty, &value, Source::Variables).map_err(|fault| {
                    let refusal = Refusal::invalid(fault.of("Variable", &format!("${name}")), Some(*pos));
                    Refusal { path: [name.to_string()].into_iter().chain(fault.path()).collect(), ..refusal }
                })?;
                literal::make_whole(types, ty, &mut value);
                variables.insert(name.clone(), value);
            }
            (None, Some(default)) => {
                check(types, plan, name, ty, &default.node, Source::Document)
                    .map_err(|fault| Refusal::invalid(fault.of("Variable", &format!("${name}")), Some(*pos)))?;
                variables.insert(name.clone(), default.node.clone());
            }
            (None, None) if ty.nullable => {
                absent.insert(name.clone());
            }
            (None, None) => {
                let message = format!("Variable \"${name}\" of type \"{ty}\" is required.");
                return Err(Refusal::invalid(message, Some(*pos)));
            }
        }
    }
    Ok((variables, absent))
}

/// Checks the value of a variable: its type, and the bounds of the arguments and input fields in which it is used.
fn check(
    types: &Types,
    plan: &Plan,
    variable: &Name,
    ty: &Type,
    value: &ConstValue,
    source: Source,
) -> Result<(), Box<Fault>> {
    let check = |bounded| {
        let expected = Expected { ty, default: false, one_of: false, bounded };
        literal::check(types, expected, value, source, &mut |_, _| {})
    };
    match plan.bounded.get(variable) {
        None => check(None),
        Some(names) => names.iter().try_for_each(|name| check(Some(name))),
    }
}

/// Removes the uses and the definitions of absent variables from a document.
pub fn leave_out(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    let operations: Vec<_> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    for Positioned { node: operation, .. } in operations {
        operation.variable_definitions.retain(|definition| !absent.contains(&definition.node.name.node));
        from_directives(&mut operation.directives, absent);
        from_selections(&mut operation.selection_set.node, absent);
    }
    for Positioned { node: fragment, .. } in document.fragments.values_mut() {
        from_directives(&mut fragment.directives, absent);
        from_selections(&mut fragment.selection_set.node, absent);
    }
}

fn from_selections(set: &mut SelectionSet, absent: &HashSet<Name>) {
    for Positioned { node: selection, .. } in &mut set.items {
        from_directives(selection.directives_mut(), absent);
        match selection {
            Selection::Field(field) => {
                from_arguments(&mut field.node.arguments, absent);
                from_selections(&mut field.node.selection_set.node, absent);
            }
            Selection::InlineFragment(fragment) => from_selections(&mut fragment.node.selection_set.node, absent),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn from_directives(directives: &mut [Positioned<Directive>], absent: &HashSet<Name>) {
    for directive in directives {
        from_arguments(&mut directive.node.arguments, absent);
    }
}

fn from_arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, absent: &HashSet<Name>) {
    arguments.retain_mut(|(_, value)| present(&mut value.node, absent));
}

/// Whether a value is present. Absent values in it are removed from objects, and become null in lists.
fn present(value: &mut Value, absent: &HashSet<Name>) -> bool {
    match value {
        Value::Variable(name) => return !absent.contains(name),
        Value::List(items) => {
            for item in items {
                if !present(item, absent) {
                    *item = Value::Null;
                }
            }
        }
        Value::Object(fields) => fields.retain(|_, value| present(value, absent)),
        _ => {}
    }
    true
}
