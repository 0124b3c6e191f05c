//! One walk over each operation and each fragment. It checks literals, and directives that the library does not check, and collects the
//! uses of variables.

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, DirectiveLocation, Field, FragmentDefinition, OperationDefinition, OperationType, Selection,
        SelectionSet,
    },
};
use async_graphql_value::Value;

use super::{
    literal::{self, Expected, Source},
    types::{Inputs, Types, base},
};
use crate::Refusal;

/// A use of a variable.
pub struct Use<'a> {
    /// The variable.
    pub variable: &'a Name,
    /// Its position.
    pub pos: Pos,
    /// What is expected there. `None` if the schema does not define it.
    pub expected: Option<Expected<'a>>,
    /// Whether the library ignores it, like everything at `__typename`.
    pub ignored: bool,
}

/// The result of the walk over one operation or fragment.
#[derive(Default)]
pub struct Found<'a> {
    /// The uses of variables.
    pub uses: Vec<Use<'a>>,
    /// The spreads of fragments.
    pub spreads: Vec<&'a Positioned<Name>>,
    /// The approximate number of selections, arguments and values, which determines their memory.
    pub size: usize,
}

/// Walks over an operation.
pub fn operation<'a>(types: &'a Types, operation: &'a OperationDefinition) -> Result<Found<'a>, Refusal> {
    let mut walk = Walk { types, found: Found::default() };
    for definition in &operation.variable_definitions {
        let Positioned { node: definition, pos } = definition;
        let (name, ty) = (&definition.name.node, &definition.var_type.node);
        if !types.is_input(ty) {
            return Err(Refusal::invalid(format!("Variable \"${name}\" cannot be of the type \"{ty}\"."), Some(*pos)));
        }
        if let Some(default) = &definition.default_value {
            let expected = Expected { ty, default: false, one_of: false, bounded: None };
            literal::check(types, expected, &default.node, Source::Document, &mut |_, _| {}).map_err(|fault| {
                Refusal::invalid(fault.of("The default of variable", &format!("${name}")), Some(*pos))
            })?;
        }
        walk.found.size += 1;
        walk.directives(&definition.directives, DirectiveLocation::VariableDefinition, true)?;
    }
    let location = match operation.ty {
        OperationType::Query => DirectiveLocation::Query,
        OperationType::Mutation => DirectiveLocation::Mutation,
        OperationType::Subscription => DirectiveLocation::Subscription,
    };
    walk.directives(&operation.directives, location, false)?;
    walk.selections(&operation.selection_set.node, types.root(operation.ty))?;
    Ok(walk.found)
}

/// Walks over a fragment.
pub fn fragment<'a>(types: &'a Types, fragment: &'a FragmentDefinition) -> Result<Found<'a>, Refusal> {
    let mut walk = Walk { types, found: Found::default() };
    // The library does not check a fragment that was replaced by its selections.
    walk.directives(&fragment.directives, DirectiveLocation::FragmentDefinition, true)?;
    walk.selections(&fragment.selection_set.node, Some(&fragment.type_condition.node.on.node))?;
    Ok(walk.found)
}

struct Walk<'a> {
    types: &'a Types,
    found: Found<'a>,
}

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet, parent: Option<&'a Name>) -> Result<(), Refusal> {
        for selection in &set.items {
            self.found.size += 1;
            match &selection.node {
                Selection::Field(field) if field.node.name.node == "__typename" => self.typename(field)?,
                Selection::Field(field) => self.field(&field.node, parent)?,
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives, DirectiveLocation::FragmentSpread, false)?;
                    self.found.spreads.push(&spread.node.fragment_name);
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    self.directives(&fragment.directives, DirectiveLocation::InlineFragment, false)?;
                    let condition = fragment.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    self.selections(&fragment.selection_set.node, condition.or(parent))?;
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'a Field, parent: Option<&'a Name>) -> Result<(), Refusal> {
        // The library refuses a field that does not exist.
        let known = parent.and_then(|parent| self.types.field(parent, &field.name.node));
        let bounded = parent != self.types.root(OperationType::Mutation);
        self.arguments(&field.arguments, known.map(|known| &known.arguments), bounded, false)?;
        self.directives(&field.directives, DirectiveLocation::Field, false)?;
        self.selections(&field.selection_set.node, known.map(|known| base(&known.ty)))
    }

    fn typename(&mut self, field: &'a Positioned<Field>) -> Result<(), Refusal> {
        if !field.node.arguments.is_empty() || !field.node.selection_set.node.items.is_empty() {
            let message = "The field \"__typename\" takes no arguments and no selection of fields.";
            return Err(Refusal::invalid(message, Some(field.pos)));
        }
        self.directives(&field.node.directives, DirectiveLocation::Field, true)
    }

    fn arguments(
        &mut self,
        arguments: &'a [(Positioned<Name>, Positioned<Value>)],
        known: Option<&'a Inputs>,
        bounded: bool,
        ignored: bool,
    ) -> Result<(), Refusal> {
        for (name, value) in arguments {
            let Positioned { node: value, pos } = value;
            self.found.size += size(value);
            let uses = &mut self.found.uses;
            let mut met = |variable, expected| uses.push(Use { variable, pos: *pos, expected, ignored });
            match known.and_then(|known| known.get_key_value(&name.node)) {
                Some((own, input)) => {
                    let bounded = bounded.then_some(own);
                    let expected = Expected { ty: &input.ty, default: input.default, one_of: false, bounded };
                    literal::check(self.types, expected, value, Source::Document, &mut met)
                        .map_err(|fault| Refusal::invalid(fault.of("Argument", &name.node), Some(*pos)))?;
                }
                None => literal::variables(value, &mut |variable| met(variable, None)),
            }
        }
        Ok(())
    }

    /// `ignored`: the library does not check directives here.
    fn directives(
        &mut self,
        directives: &'a [Positioned<Directive>],
        location: DirectiveLocation,
        ignored: bool,
    ) -> Result<(), Refusal> {
        for (index, Positioned { node: directive, pos }) in directives.iter().enumerate() {
            let name = &directive.name.node;
            let known = self.types.directive(name);
            if ignored {
                let refused =
                    |why: &str| Err(Refusal::invalid(format!("The directive \"@{name}\" {why}."), Some(*pos)));
                let Some(known) = known else { return refused("does not exist") };
                if !known.locations.contains(&location) {
                    return refused("may not stand here");
                }
                if !known.repeatable && directives[..index].iter().any(|other| other.node.name.node == *name) {
                    return refused("stands twice");
                }
                for (argument, input) in &known.arguments {
                    let given = directive.arguments.iter().filter(|(name, _)| name.node == *argument).count();
                    if given > 1 || (given == 0 && !input.ty.nullable && !input.default) {
                        return refused(&format!("takes the argument \"{argument}\" once"));
                    }
                }
                if directive.arguments.iter().any(|(name, _)| !known.arguments.contains_key(&name.node)) {
                    return refused("has no such argument");
                }
            }
            self.found.size += 1;
            self.arguments(&directive.arguments, known.map(|known| &known.arguments), false, ignored)?;
        }
        Ok(())
    }
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::List(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        Value::String(string) => string.len() / 256,
        _ => 0,
    }
}
