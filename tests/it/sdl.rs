//! The exported schema, to walk through.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use entente::api::Api;

/// What costs much more than a field.
const DEAR: [&str; 5] = ["document", "changes", "impactIfFailed", "perception", "suggestion"];

/// The types of the schema by name.
pub struct Types(pub BTreeMap<String, TypeDefinition>);

impl Types {
    /// As exported.
    pub fn read() -> Self {
        let types =
            parse_schema(Api::sdl()).unwrap().definitions.into_iter().filter_map(|definition| match definition {
                TypeSystemDefinition::Type(ty) => Some((ty.node.name.to_string(), ty.node)),
                _ => None,
            });
        Self(types.collect())
    }

    /// The object types, by name.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        let objects = self.0.iter().filter(|(_, ty)| matches!(ty.kind, TypeKind::Object(_)));
        objects.map(|(name, _)| name.as_str())
    }

    /// The fields of an object or an interface; none of another type.
    pub fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        let fields = match self.0.get(name).map(|ty| &ty.kind) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    /// The field of a type.
    pub fn field(&self, of: &str, name: &str) -> Option<&FieldDefinition> {
        self.fields(of).into_iter().find(|field| field.name.node == name)
    }

    /// The object types that have a global id.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.objects().filter(|name| match &self.0[*name].kind {
            TypeKind::Object(object) => object.implements.iter().any(|it| it.node == "Node"),
            _ => false,
        })
    }

    /// The types of which a union is one; none of another type.
    fn members(&self, name: &str) -> Vec<&str> {
        match self.0.get(name).map(|ty| &ty.kind) {
            Some(TypeKind::Union(union)) => union.members.iter().map(|member| member.node.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// The object types of which an interface or a union is one; none of another type.
    pub fn possible(&self, name: &str) -> Vec<&str> {
        let implements = |of: &&str| match &self.0[*of].kind {
            TypeKind::Object(object) => object.implements.iter().any(|it| it.node == name),
            _ => false,
        };
        self.objects().filter(implements).chain(self.members(name)).collect()
    }

    /// Whether nothing can be selected of values of the type.
    pub fn is_leaf(&self, name: &str) -> bool {
        self.fields(name).is_empty() && self.members(name).is_empty()
    }

    /// A selection of all that can be reached from a type: so many steps deep, each type once on the way; where it ends,
    /// the fields that have none of their own. Of one of several types, its id. What is dear is asked for near the top.
    pub fn everything(&self, name: &str, depth: usize) -> String {
        self.all(name, depth, &mut Vec::new())
    }

    fn all(&self, name: &str, depth: usize, above: &mut Vec<String>) -> String {
        let ends = depth == 0 || above.iter().any(|other| other == name);
        above.push(name.to_owned());
        let mut selected = String::from("{ __typename");
        for field in self.fields(name) {
            let of = named(&field.ty.node);
            if ends && !self.is_leaf(of) || above.len() > 3 && DEAR.contains(&field.name.node.as_str()) {
                continue;
            }
            selected += &format!(" {}", field.name.node);
            if field.arguments.iter().any(|argument| argument.node.name.node == "first") {
                selected += "(first: 3)";
            }
            if !self.is_leaf(of) {
                selected += &format!(" {}", self.all(of, depth - 1, above));
            }
        }
        above.pop();
        for member in self.members(name) {
            selected += &format!(" ... on {member} {{ id }}");
        }
        selected + " }"
    }
}

/// The name within lists and exclamation marks.
pub fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => named(of),
    }
}
