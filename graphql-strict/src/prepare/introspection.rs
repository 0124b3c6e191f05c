//! The size of introspection. Each value of a selection of `__schema` or `__type` is counted before the library reads it. The library
//! has no price for introspection, and no time limit can stop it, because it never waits.

use std::collections::HashMap;

use async_graphql::{
    Name,
    parser::types::{
        BaseType, DirectiveDefinition, EnumValueDefinition, FieldDefinition, InputValueDefinition, Selection,
        SelectionSet, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};
use async_graphql_value::Value;

use super::{overlap::Fragments, rules::Size};
use crate::Refusal;

/// The most nested lists: the types, their fields, the arguments of these, and one more.
const LISTS: usize = 4;
/// The most nested selections: more than any server allows.
const DEPTH: usize = 64;
/// The bytes of the description of a type of introspection, which the exported schema does not contain.
const BUILT_IN: usize = 300;

/// One type, field, argument, enum value or directive of the schema.
#[derive(Default)]
struct Node {
    /// Its introspection type, for example `__Type`.
    on: &'static str,
    /// The bytes of its texts, by field. Other texts are short.
    texts: Vec<(&'static str, usize)>,
    /// The nodes in its fields, by field.
    links: Vec<(&'static str, Vec<usize>)>,
}

/// The schema as introspection shows it.
#[derive(Default)]
pub struct Introspection {
    nodes: Vec<Node>,
    schema: Node,
    named: HashMap<Name, usize>,
    /// The nodes of list types and non-null types, by their notation.
    wrapped: HashMap<String, usize>,
    /// The maximum size for one document.
    most: Size,
}

/// The size of a selection so far, and its maximum.
struct Count {
    found: Size,
    most: Size,
}

impl Count {
    fn add(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.found.values += 1;
        self.found.bytes += bytes;
        let Size { values, bytes } = self.most;
        if self.found.values > values {
            return Err(Refusal::too_much(format!("The introspection asks for more than {values} values.")));
        }
        if self.found.bytes > bytes {
            return Err(Refusal::too_much(format!("The introspection asks for more than {bytes} bytes.")));
        }
        Ok(())
    }
}

fn is_list(field: &str) -> bool {
    matches!(
        field,
        "types" | "directives" | "fields" | "interfaces" | "possibleTypes" | "enumValues" | "inputFields" | "args"
    )
}

impl Introspection {
    /// Reads the schema. `roots` are its query, mutation and subscription types.
    pub fn new(definitions: &[TypeSystemDefinition], roots: [Option<&Name>; 3], most: Size) -> Self {
        let mut this = Self { most, ..Self::default() };
        let types = definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => Some(&ty.node),
            _ => None,
        });
        let types: Vec<&TypeDefinition> = types.collect();
        for ty in &types {
            let name = &ty.name.node;
            let text = json_bytes(ty.description.as_ref().map(|text| text.node.as_str()));
            let text = if name.starts_with("__") { BUILT_IN } else { text };
            let at = this.push("__Type", vec![("name", name.len()), ("description", text), ("specifiedByURL", 100)]);
            this.named.insert(name.clone(), at);
        }
        for ty in &types {
            let at = this.named[&ty.name.node];
            this.nodes[at].links = this.members(ty, &types);
        }
        let directives = definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Directive(directive) => Some(&directive.node),
            _ => None,
        });
        let directives = directives.map(|directive| this.directive(directive)).collect();
        let [query, mutation, subscription] =
            roots.map(|root| root.and_then(|root| this.named.get(root)).copied().into_iter().collect());
        let types = this.named.values().copied().collect();
        this.schema = Node {
            on: "__Schema",
            texts: vec![("description", BUILT_IN)],
            links: vec![
                ("types", types),
                ("directives", directives),
                ("queryType", query),
                ("mutationType", mutation),
                ("subscriptionType", subscription),
            ],
        };
        this
    }

    /// The size of the introspection that a query selects; an error if it nests too many lists or is too large. `None` if the query
    /// selects none.
    pub fn check(&self, query: &SelectionSet, fragments: &Fragments) -> Option<Result<Size, Refusal>> {
        let mut asked = false;
        let checked = self.checked(query, fragments, &mut asked);
        asked.then_some(checked)
    }

    fn checked(&self, query: &SelectionSet, fragments: &Fragments, asked: &mut bool) -> Result<Size, Refusal> {
        let mut count = Count { found: Size::default(), most: self.most };
        let mut sets = vec![query];
        while let Some(set) = sets.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        let field = &field.node;
                        let set = &field.selection_set.node;
                        let starts = match field.name.node.as_str() {
                            "__schema" => vec![&self.schema],
                            "__type" => self.named(field.get_argument("name").map(|name| &name.node)),
                            _ => continue,
                        };
                        *asked = true;
                        lists(set, fragments, 0, 0)?;
                        count.add(field.response_key().node.len())?;
                        for node in starts {
                            self.count(set, fragments, node, &mut count)?;
                        }
                    }
                    Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                    Selection::FragmentSpread(spread) => {
                        let fragment = fragments.get(&spread.node.fragment_name.node);
                        sets.extend(fragment.map(|fragment| &fragment.node.selection_set.node));
                    }
                }
            }
        }
        Ok(count.found)
    }

    /// The types with a name. If the name is a variable, all types.
    fn named(&self, name: Option<&Value>) -> Vec<&Node> {
        match name {
            Some(Value::String(name)) => self.named.get(name.as_str()).map(|&at| &self.nodes[at]).into_iter().collect(),
            _ => self.named.values().map(|&at| &self.nodes[at]).collect(),
        }
    }

    fn count(&self, set: &SelectionSet, fragments: &Fragments, node: &Node, count: &mut Count) -> Result<(), Refusal> {
        for selection in &set.items {
            let (on, set) = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    let text = node.texts.iter().find(|(text, _)| *text == name).map_or(20, |(_, bytes)| *bytes);
                    count.add(field.response_key().node.len() + text)?;
                    let below = node.links.iter().find(|(link, _)| *link == name).map_or(&[][..], |(_, below)| below);
                    for &at in below {
                        // The library makes a value for each of them, also without a selection.
                        count.add(2)?;
                        self.count(&field.selection_set.node, fragments, &self.nodes[at], count)?;
                    }
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.node.type_condition.as_ref(), Some(&fragment.node.selection_set))
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = fragments.get(&spread.node.fragment_name.node).map(|fragment| &fragment.node);
                    (fragment.map(|it| &it.type_condition), fragment.map(|it| &it.selection_set))
                }
            };
            count.add(0)?;
            if let Some(set) = set.filter(|_| on.is_none_or(|on| on.node.on.node == node.on)) {
                self.count(&set.node, fragments, node, count)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, on: &'static str, texts: Vec<(&'static str, usize)>) -> usize {
        self.nodes.push(Node { on, texts, links: Vec::new() });
        self.nodes.len() - 1
    }

    /// The nodes in the lists of a type.
    fn members(&mut self, ty: &TypeDefinition, types: &[&TypeDefinition]) -> Vec<(&'static str, Vec<usize>)> {
        let named = |this: &Self, names: &mut dyn Iterator<Item = &Name>| {
            names.filter_map(|name| this.named.get(name).copied()).collect::<Vec<_>>()
        };
        match &ty.kind {
            TypeKind::Scalar => Vec::new(),
            TypeKind::Object(object) => vec![
                ("fields", object.fields.iter().map(|field| self.field(&field.node)).collect()),
                ("interfaces", named(self, &mut object.implements.iter().map(|it| &it.node))),
            ],
            TypeKind::Interface(interface) => {
                let implements = |other: &&&TypeDefinition| match &other.kind {
                    TypeKind::Object(object) => object.implements.iter().any(|it| it.node == ty.name.node),
                    _ => false,
                };
                let possible: Vec<&Name> = types.iter().filter(implements).map(|other| &other.name.node).collect();
                vec![
                    ("fields", interface.fields.iter().map(|field| self.field(&field.node)).collect()),
                    ("interfaces", named(self, &mut interface.implements.iter().map(|it| &it.node))),
                    ("possibleTypes", named(self, &mut possible.into_iter())),
                ]
            }
            TypeKind::Union(union) => {
                vec![("possibleTypes", named(self, &mut union.members.iter().map(|it| &it.node)))]
            }
            TypeKind::Enum(of) => {
                vec![("enumValues", of.values.iter().map(|value| self.enum_value(&value.node)).collect())]
            }
            TypeKind::InputObject(object) => {
                vec![("inputFields", object.fields.iter().map(|field| self.input(&field.node)).collect())]
            }
        }
    }

    fn field(&mut self, field: &FieldDefinition) -> usize {
        let text = json_bytes(field.description.as_ref().map(|text| text.node.as_str()));
        let args = field.arguments.iter().map(|argument| self.input(&argument.node)).collect();
        let links = vec![("args", args), ("type", vec![self.ty(&field.ty.node)])];
        let at = self.push("__Field", vec![("name", field.name.node.len()), ("description", text)]);
        self.nodes[at].links = links;
        at
    }

    fn input(&mut self, input: &InputValueDefinition) -> usize {
        let text = json_bytes(input.description.as_ref().map(|text| text.node.as_str()));
        let default = input.default_value.as_ref().map_or(4, |value| value.node.to_string().len() + 2);
        let ty = self.ty(&input.ty.node);
        let texts = vec![("name", input.name.node.len()), ("description", text), ("defaultValue", default)];
        let at = self.push("__InputValue", texts);
        self.nodes[at].links = vec![("type", vec![ty])];
        at
    }

    fn enum_value(&mut self, value: &EnumValueDefinition) -> usize {
        let text = json_bytes(value.description.as_ref().map(|text| text.node.as_str()));
        self.push("__EnumValue", vec![("name", value.value.node.len()), ("description", text)])
    }

    fn directive(&mut self, directive: &DirectiveDefinition) -> usize {
        let text = json_bytes(directive.description.as_ref().map(|text| text.node.as_str())).max(BUILT_IN);
        let args = directive.arguments.iter().map(|argument| self.input(&argument.node)).collect();
        let locations = directive.locations.len() * 30;
        let texts = vec![("name", directive.name.node.len()), ("description", text), ("locations", locations)];
        let at = self.push("__Directive", texts);
        self.nodes[at].links = vec![("args", args)];
        at
    }

    /// The node of a type, which can be a list or non-null.
    fn ty(&mut self, ty: &Type) -> usize {
        let written = ty.to_string();
        if let Some(&at) = self.wrapped.get(&written) {
            return at;
        }
        let inner = match (&ty.base, ty.nullable) {
            (BaseType::Named(name), true) => return self.named.get(name).copied().unwrap_or_default(),
            (_, false) => self.ty(&Type { base: ty.base.clone(), nullable: true }),
            (BaseType::List(item), true) => self.ty(item),
        };
        let at = self.push("__Type", Vec::new());
        self.nodes[at].links = vec![("ofType", vec![inner])];
        self.wrapped.insert(written, at);
        at
    }
}

/// Refuses lists that are nested too deeply, whatever they contain.
fn lists(set: &SelectionSet, fragments: &Fragments, around: usize, depth: usize) -> Result<(), Refusal> {
    if depth > DEPTH {
        return Err(Refusal::too_much(format!("The introspection is more than {DEPTH} deep.")));
    }
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let within = around + usize::from(is_list(&field.node.name.node));
                if within > LISTS {
                    return Err(Refusal::too_much(format!(
                        "The introspection nests more than {LISTS} lists within each other."
                    )));
                }
                lists(&field.node.selection_set.node, fragments, within, depth + 1)?;
            }
            Selection::InlineFragment(fragment) => {
                lists(&fragment.node.selection_set.node, fragments, around, depth + 1)?
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    lists(&fragment.node.selection_set.node, fragments, around, depth + 1)?;
                }
            }
        }
    }
    Ok(())
}

/// The bytes of a text as JSON.
fn json_bytes(text: Option<&str>) -> usize {
    text.map_or(4, |text| text.len() + 2 + text.matches(['"', '\\', '\n', '\t']).count())
}
