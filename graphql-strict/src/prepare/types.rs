//! The types of the schema, with the parts that the checks of a document need.

use std::collections::HashMap;

use async_graphql::{
    Name,
    parser::{
        parse_schema,
        types::{
            BaseType, DirectiveLocation, FieldDefinition, InputValueDefinition, OperationType, Type, TypeDefinition,
            TypeKind, TypeSystemDefinition,
        },
    },
};
use async_graphql::{Positioned, parser};
use indexmap::IndexMap;

use super::{
    introspection::Introspection,
    rules::{Custom, Rules},
};

/// The parts of every schema: the types of introspection, and the directives and scalars of the specification.
const BUILT_IN: &str = r#"
    directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
    directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
    type __Query { __schema: __Schema! __type(name: String!): __Type }
    type __Schema {
        description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
        directives: [__Directive!]!
    }
    type __Type {
        kind: __TypeKind! name: String description: String specifiedByURL: String isOneOf: Boolean
        fields(includeDeprecated: Boolean! = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
        enumValues(includeDeprecated: Boolean! = false): [__EnumValue!]
        inputFields(includeDeprecated: Boolean! = false): [__InputValue!] ofType: __Type
    }
    type __Field {
        name: String! description: String args(includeDeprecated: Boolean! = false): [__InputValue!]! type: __Type!
        isDeprecated: Boolean! deprecationReason: String
    }
    type __InputValue {
        name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean!
        deprecationReason: String
    }
    type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
    type __Directive {
        name: String! description: String locations: [__DirectiveLocation!]!
        args(includeDeprecated: Boolean! = false): [__InputValue!]! isRepeatable: Boolean!
    }
    enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
    enum __DirectiveLocation {
        QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR
        OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION
    }
    scalar Int scalar Float scalar String scalar Boolean scalar ID
"#;

/// A named type.
pub enum Kind {
    /// A scalar.
    Scalar(Scalar),
    /// An enum with its values, in the order of the schema.
    Enum(Vec<Name>),
    /// An input object.
    Input {
        /// Its fields.
        fields: Inputs,
        /// Whether exactly one of them must be given.
        one_of: bool,
    },
    /// An object.
    Object(HashMap<Name, Field>),
    /// An interface, or a union, which has no fields.
    Abstract(HashMap<Name, Field>),
}

/// The scalars of the specification, and custom scalars.
#[derive(Clone, Copy)]
pub enum Scalar {
    /// A whole number of 32 bits.
    Int,
    /// Any number.
    Float,
    /// A string.
    String,
    /// True or false.
    Boolean,
    /// A string or a whole number.
    Id,
    /// A custom scalar.
    Custom(Custom),
}

/// Arguments or input fields, by name.
pub type Inputs = IndexMap<Name, Input>;

/// An argument or an input field.
pub struct Input {
    /// Its type.
    pub ty: Type,
    /// Whether it has a default.
    pub default: bool,
}

/// A field of an object or an interface.
pub struct Field {
    /// Its type.
    pub ty: Type,
    /// Its arguments.
    pub arguments: Inputs,
}

/// A directive of the schema.
pub struct Directive {
    /// Its arguments.
    pub arguments: Inputs,
    /// The allowed places.
    pub locations: Vec<DirectiveLocation>,
    /// Whether it may be used twice at one place.
    pub repeatable: bool,
}

/// The types of a schema by name, and those of introspection.
pub struct Types {
    named: HashMap<Name, Kind>,
    directives: HashMap<Name, Directive>,
    query: Name,
    mutation: Option<Name>,
    subscription: Option<Name>,
    /// The schema in the form of introspection.
    pub introspection: Introspection,
    /// The rules that the schema does not contain.
    pub rules: Rules,
}

impl Types {
    /// Reads the types from the schema definition language.
    pub fn parse(sdl: &str, rules: Rules) -> parser::Result<Self> {
        let built_in = parse_schema(BUILT_IN)?.definitions.into_iter();
        let definitions: Vec<_> = built_in.chain(parse_schema(sdl)?.definitions).collect();
        let mut types = Self {
            named: HashMap::new(),
            directives: HashMap::new(),
            query: Name::new("Query"),
            mutation: None,
            subscription: None,
            introspection: Introspection::default(),
            rules,
        };
        for definition in definitions.iter().cloned() {
            types.add(definition);
        }
        let roots =
            [OperationType::Query, OperationType::Mutation, OperationType::Subscription].map(|it| types.root(it));
        types.introspection = Introspection::new(&definitions, roots, rules.introspection);
        if let Some(Kind::Object(introspection)) = types.named.remove("__Query")
            && let Some(Kind::Object(fields)) = types.named.get_mut(types.query.as_str())
        {
            fields.extend(introspection);
        }
        Ok(types)
    }

    fn add(&mut self, definition: TypeSystemDefinition) {
        match definition {
            TypeSystemDefinition::Schema(schema) => {
                let schema = schema.node;
                self.query = schema.query.map_or_else(|| self.query.clone(), |query| query.node);
                self.mutation = schema.mutation.map(|mutation| mutation.node);
                self.subscription = schema.subscription.map(|subscription| subscription.node);
            }
            TypeSystemDefinition::Directive(directive) => {
                let directive = directive.node;
                let known = Directive {
                    arguments: inputs(directive.arguments),
                    locations: directive.locations.into_iter().map(|location| location.node).collect(),
                    repeatable: directive.is_repeatable,
                };
                self.directives.insert(directive.name.node, known);
            }
            TypeSystemDefinition::Type(definition) => {
                let TypeDefinition { name, directives, kind, .. } = definition.node;
                let kind = match kind {
                    TypeKind::Scalar => Kind::Scalar(scalar(&name.node, &self.rules)),
                    TypeKind::Enum(ty) => {
                        Kind::Enum(ty.values.into_iter().map(|value| value.node.value.node).collect())
                    }
                    TypeKind::InputObject(ty) => Kind::Input {
                        fields: inputs(ty.fields),
                        one_of: directives.iter().any(|directive| directive.node.name.node == "oneOf"),
                    },
                    TypeKind::Object(ty) => Kind::Object(fields(ty.fields)),
                    TypeKind::Interface(ty) => Kind::Abstract(fields(ty.fields)),
                    TypeKind::Union(_) => Kind::Abstract(HashMap::new()),
                };
                self.named.insert(name.node, kind);
            }
        }
    }

    /// The type with this name. `None` if it does not exist.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.named.get(name)
    }

    /// The directive with this name. `None` if it does not exist.
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.get(name)
    }

    /// The root type of operations of this type. `None` if the schema has none.
    pub fn root(&self, operation: OperationType) -> Option<&Name> {
        match operation {
            OperationType::Query => Some(&self.query),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => self.subscription.as_ref(),
        }
    }

    /// The field of an object or an interface. `None` if it does not exist.
    pub fn field(&self, parent: &str, name: &str) -> Option<&Field> {
        match self.named.get(parent)? {
            Kind::Object(fields) | Kind::Abstract(fields) => fields.get(name),
            _ => None,
        }
    }

    /// Whether the type is an object, neither an interface nor a union.
    pub fn is_object(&self, name: &str) -> bool {
        matches!(self.named.get(name), Some(Kind::Object(_)))
    }

    /// Whether the type is an object, an interface or a union.
    pub fn is_composite(&self, name: &str) -> bool {
        matches!(self.named.get(name), Some(Kind::Object(_) | Kind::Abstract(_)))
    }

    /// Whether a variable may have this type.
    pub fn is_input(&self, ty: &Type) -> bool {
        matches!(self.named.get(base(ty)), Some(Kind::Scalar(_) | Kind::Enum(_) | Kind::Input { .. }))
    }
}

/// The name of a type, without lists.
pub fn base(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => base(item),
    }
}

fn scalar(name: &str, rules: &Rules) -> Scalar {
    match name {
        "Int" => Scalar::Int,
        "Float" => Scalar::Float,
        "String" => Scalar::String,
        "Boolean" => Scalar::Boolean,
        "ID" => Scalar::Id,
        _ => Scalar::Custom((rules.scalar)(name)),
    }
}

fn inputs(definitions: Vec<Positioned<InputValueDefinition>>) -> Inputs {
    let input = |definition: Positioned<InputValueDefinition>| {
        let InputValueDefinition { name, ty, default_value, .. } = definition.node;
        (name.node, Input { ty: ty.node, default: default_value.is_some() })
    };
    definitions.into_iter().map(input).collect()
}

fn fields(definitions: Vec<Positioned<FieldDefinition>>) -> HashMap<Name, Field> {
    let field = |definition: Positioned<FieldDefinition>| {
        let FieldDefinition { name, arguments, ty, .. } = definition.node;
        (name.node, Field { ty: ty.node, arguments: inputs(arguments) })
    };
    definitions.into_iter().map(field).collect()
}
