//! Checks that the variables of an operation are defined and used, and that their types match: the library's rule for the types never
//! runs.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name,
    parser::types::{BaseType, OperationDefinition, Type, VariableDefinition},
};
use async_graphql_value::ConstValue;

use super::{literal::Expected, walk::Use};
use crate::Refusal;

/// Checks the uses of an operation's variables, in the operation and in its fragments. Returns the variables that are used only at
/// places that the library ignores: it would report them as unused.
pub fn check<'a>(
    operation: &'a OperationDefinition,
    uses: impl Iterator<Item = &'a Use<'a>>,
) -> Result<HashSet<Name>, Refusal> {
    let mut defined = HashMap::new();
    for definition in &operation.variable_definitions {
        // Whether it is used, and whether the library sees one of its uses.
        let known = (&definition.node, false, false);
        if defined.insert(definition.node.name.node.as_str(), known).is_some() {
            let message = format!("Variable \"${}\" is defined twice.", definition.node.name.node);
            return Err(Refusal::invalid(message, Some(definition.pos)));
        }
    }
    for usage in uses {
        let name = usage.variable;
        let Some((definition, used, seen)) = defined.get_mut(name.as_str()) else {
            return Err(Refusal::invalid(format!("Variable \"${name}\" is not defined."), Some(usage.pos)));
        };
        *used = true;
        *seen |= !usage.ignored;
        if let Some(expected) = usage.expected
            && !allowed(definition, expected)
        {
            let ty = &definition.var_type.node;
            let (one_of, expected) = (expected.one_of, expected.ty);
            let mut message =
                format!("Variable \"${name}\" of type \"{ty}\" cannot be used where \"{expected}\" is expected.");
            if one_of {
                message = format!(
                    "Variable \"${name}\" of type \"{ty}\" cannot be used where \"{expected}\" without null is expected."
                );
            }
            return Err(Refusal::invalid(message, Some(usage.pos)));
        }
    }
    for definition in &operation.variable_definitions {
        if defined.get(definition.node.name.node.as_str()).is_some_and(|(_, used, _)| !used) {
            let message = format!("Variable \"${}\" is not used.", definition.node.name.node);
            return Err(Refusal::invalid(message, Some(definition.pos)));
        }
    }
    let ignored =
        |(definition, _, seen): &(&VariableDefinition, bool, bool)| (!seen).then(|| definition.name.node.clone());
    Ok(defined.values().filter_map(ignored).collect())
}

/// `IsVariableUsageAllowed` of the specification.
fn allowed(definition: &VariableDefinition, expected: Expected<'_>) -> bool {
    let ty = &definition.var_type.node;
    if expected.one_of {
        return !ty.nullable && base_fits(&ty.base, &expected.ty.base);
    }
    let default = definition.default_value.as_ref().is_some_and(|default| default.node != ConstValue::Null);
    if !expected.ty.nullable && ty.nullable {
        return (default || expected.default) && base_fits(&ty.base, &expected.ty.base);
    }
    fits(ty, expected.ty)
}

fn fits(ty: &Type, expected: &Type) -> bool {
    (expected.nullable || !ty.nullable) && base_fits(&ty.base, &expected.base)
}

fn base_fits(ty: &BaseType, expected: &BaseType) -> bool {
    match (ty, expected) {
        (BaseType::Named(name), BaseType::Named(expected)) => name == expected,
        (BaseType::List(item), BaseType::List(expected)) => fits(item, expected),
        _ => false,
    }
}
