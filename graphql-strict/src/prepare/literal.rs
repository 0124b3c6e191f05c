//! Checks whether a value matches a type: literals in the document, which can contain variables, and the values of variables.

use std::fmt::{self, Display};

use async_graphql::{
    Name, Number,
    parser::types::{BaseType, Type},
};
use async_graphql_value::{ConstValue, Value};
use indexmap::IndexMap;

use super::{
    rules::Custom,
    types::{Inputs, Kind, Scalar, Types},
};

/// The origin of a value. Only in a document, an enum value differs from a string.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The document.
    Document,
    /// The variables of the request, which are JSON.
    Variables,
}

/// What the schema expects at a position.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// The type.
    pub ty: &'a Type,
    /// Whether the position has a default.
    pub default: bool,
    /// Whether the position is the only field of a `@oneOf` input object.
    pub one_of: bool,
    /// The name of the argument or input field whose bounds apply. `None` if there are no bounds.
    pub bounded: Option<&'a Name>,
}

/// Called for each variable in a value, with what is expected there. `None` if the schema does not define it.
pub type Met<'a, 'b> = &'b mut dyn FnMut(&'a Name, Option<Expected<'a>>);

/// A fault of a value, with its place.
pub struct Fault {
    message: String,
    path: Vec<String>,
}

impl Fault {
    /// A fault of the value itself.
    fn new(message: String) -> Box<Self> {
        Box::new(Self { message, path: Vec::new() })
    }

    fn within(mut self: Box<Self>, segment: impl Display) -> Box<Self> {
        self.path.push(segment.to_string());
        self
    }

    /// The place in the value: the names of fields from the outside to the inside; list indexes are strings.
    pub fn path(&self) -> Vec<String> {
        self.path.iter().rev().cloned().collect()
    }

    /// The message, with the name of the value.
    pub fn of(&self, subject: &str, name: &str) -> String {
        let path: String = self.path.iter().rev().map(|segment| format!(".{segment}")).collect();
        let end = if self.message.ends_with('?') { "" } else { "." };
        format!("{subject} \"{name}{path}\": {}{end}", self.message)
    }
}

/// The outermost level of a value.
pub enum Shape<'a, L> {
    /// A variable.
    Variable(&'a Name),
    /// Null.
    Null,
    /// A number.
    Number(&'a Number),
    /// A string.
    String(&'a str),
    /// True or false.
    Boolean,
    /// A name without quotes.
    Enum(&'a Name),
    /// A list.
    List(&'a [L]),
    /// An object.
    Object(&'a IndexMap<Name, L>),
    /// Bytes, which no request can contain.
    Binary,
}

/// A parsed value, with or without variables.
pub trait Literal: Sized + Display {
    /// Its outermost level.
    fn shape(&self) -> Shape<'_, Self>;
}

macro_rules! literal {
    ($type:ident $(, $variable:pat => $name:expr)?) => {
        impl Literal for $type {
            fn shape(&self) -> Shape<'_, Self> {
                match self {
                    $( $variable => Shape::Variable($name), )?
                    $type::Null => Shape::Null,
                    $type::Number(number) => Shape::Number(number),
                    $type::String(string) => Shape::String(string),
                    $type::Boolean(_) => Shape::Boolean,
                    $type::Binary(_) => Shape::Binary,
                    $type::Enum(name) => Shape::Enum(name),
                    $type::List(items) => Shape::List(items),
                    $type::Object(fields) => Shape::Object(fields),
                }
            }
        }
    };
}

literal!(Value, Value::Variable(name) => name);
literal!(ConstValue);

/// Checks whether a value is as expected, and reports the variables in it.
pub fn check<'a, L: Literal>(
    types: &'a Types,
    expected: Expected<'a>,
    value: &'a L,
    source: Source,
    met: Met<'a, '_>,
) -> Result<(), Box<Fault>> {
    let ty = expected.ty;
    let wrong = || Err(not_of(ty, value));
    let inner = |ty| Expected { ty, default: false, one_of: false, bounded: expected.bounded };
    let shape = value.shape();
    if let Some(name) = expected.bounded {
        check_bounds(types, name, &shape)?;
    }
    let name = match (shape, &ty.base) {
        (Shape::Variable(name), _) => {
            met(name, Some(expected));
            return Ok(());
        }
        (Shape::Null, _) => return if ty.nullable { Ok(()) } else { wrong() },
        (Shape::List(items), BaseType::List(item)) => {
            for (index, value) in items.iter().enumerate() {
                check(types, inner(item), value, source, met).map_err(|fault| fault.within(index))?;
            }
            return Ok(());
        }
        // A single value is accepted as a list with one entry.
        (_, BaseType::List(item)) => return check(types, inner(item), value, source, met),
        (_, BaseType::Named(name)) => name,
    };
    match (types.kind(name), value.shape()) {
        (Some(Kind::Enum(values)), Shape::Enum(value)) => known(types, values, value, name),
        (Some(Kind::Enum(values)), Shape::String(value)) if source == Source::Variables => {
            known(types, values, value, name)
        }
        (Some(Kind::Input { fields, one_of }), Shape::Object(values)) => {
            object(types, (name, expected.bounded.is_some()), fields, *one_of, values, source, met)
        }
        (Some(Kind::Scalar(scalar)), shape) => match (scalar, shape) {
            (Scalar::Custom(custom), _) => {
                variables(value, &mut |name| met(name, None));
                of_scalar(name, *custom, value)
            }
            (Scalar::Int, Shape::Number(number)) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => Ok(()),
            // In JSON, `1.0` is the same number as 1. In a document, it is not an Int.
            (Scalar::Int, Shape::Number(number)) if source == Source::Variables && whole(number).is_some() => Ok(()),
            (Scalar::Float, Shape::Number(_)) => Ok(()),
            (Scalar::String | Scalar::Id, Shape::String(_)) => Ok(()),
            (Scalar::Id, Shape::Number(number)) if number.is_i64() => Ok(()),
            (Scalar::Boolean, Shape::Boolean) => Ok(()),
            _ => wrong(),
        },
        _ => wrong(),
    }
}

/// Checks the bounds of the outermost level of a value, for an argument or input field with this name.
fn check_bounds<L: Literal>(types: &Types, name: &Name, value: &Shape<'_, L>) -> Result<(), Box<Fault>> {
    let bounds = (types.rules.bounds)(name);
    let (found, max, unit) = match value {
        // A text has at most as many characters as bytes, so that most texts need not be counted.
        Shape::String(text) if text.len() > bounds.characters => {
            (text.chars().count(), bounds.characters, "characters")
        }
        Shape::List(items) => (items.len(), bounds.entries, "entries"),
        Shape::Object(fields) => (fields.len(), bounds.entries, "entries"),
        _ => return Ok(()),
    };
    if found <= max {
        return Ok(());
    }
    Err(Fault::new(format!("`{name}` has {found} {unit}; {max} at most are allowed")))
}

/// Checks a value of a custom scalar.
fn of_scalar<L: Literal>(name: &Name, custom: Custom, value: &L) -> Result<(), Box<Fault>> {
    match (custom, value.shape()) {
        (Custom::Any, _) | (Custom::Texts, Shape::String(_)) => Ok(()),
        (Custom::Text(wrong), Shape::String(text)) => {
            wrong(text).map_or(Ok(()), |rule| Err(Fault::new(rule.to_owned())))
        }
        (Custom::Texts, Shape::Object(texts)) => texts.iter().try_for_each(|(tag, text)| match text.shape() {
            Shape::String(_) | Shape::Null | Shape::Variable(_) => Ok(()),
            _ => Err(not_of("String", text).within(tag)),
        }),
        _ => Err(not_of(name, value)),
    }
}

fn not_of(ty: impl Display, value: &impl Literal) -> Box<Fault> {
    Fault::new(format!("expected a value of type \"{ty}\", found {}", Short(value)))
}

/// The number as a whole number of 32 bits. `None` if it is not one.
fn whole(number: &Number) -> Option<i32> {
    let number = number.as_f64()?;
    let fits = number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and fits")]
    fits.then_some(number as i32)
}

/// Converts numbers like `1.0` to whole numbers where the schema expects them: the library accepts only these.
pub fn make_whole(types: &Types, ty: &Type, value: &mut ConstValue) {
    let (name, value) = match (&ty.base, value) {
        (BaseType::List(item), ConstValue::List(items)) => {
            return items.iter_mut().for_each(|value| make_whole(types, item, value));
        }
        (BaseType::List(item), value) => return make_whole(types, item, value),
        (BaseType::Named(name), value) => (name, value),
    };
    match (types.kind(name), value) {
        (Some(Kind::Scalar(Scalar::Int)), ConstValue::Number(number)) => {
            if let Some(whole) = whole(number) {
                *number = whole.into();
            }
        }
        (Some(Kind::Input { fields, .. }), ConstValue::Object(values)) => {
            for (key, value) in values {
                if let Some(field) = fields.get(key) {
                    make_whole(types, &field.ty, value);
                }
            }
        }
        _ => {}
    }
}

fn known(types: &Types, values: &[Name], value: &str, name: &Name) -> Result<(), Box<Fault>> {
    let mut known: Vec<&str> = values.iter().map(Name::as_str).collect();
    if known.contains(&value) {
        return Ok(());
    }
    // The nearest first; the others in the order of the schema.
    if let Some(nearest) = (types.rules.meant)(value, &known) {
        known.sort_by_key(|known| *known != nearest);
    }
    let known = known.join(", ");
    Err(Fault::new(format!("the enum \"{name}\" has no value \"{}\"; the values are: {known}", Short(value))))
}

/// The addition to a message with the name that was probably meant. Empty if there is none.
fn meant<'a>(types: &Types, given: &str, names: impl Iterator<Item = &'a Name>) -> String {
    let names: Vec<&str> = names.map(Name::as_str).collect();
    (types.rules.meant)(given, &names).map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default()
}

fn object<'a, L: Literal>(
    types: &'a Types,
    (name, bounded): (&Name, bool),
    fields: &'a Inputs,
    one_of: bool,
    values: &'a IndexMap<Name, L>,
    source: Source,
    met: Met<'a, '_>,
) -> Result<(), Box<Fault>> {
    for (key, value) in values {
        let Some((own, field)) = fields.get_key_value(key) else {
            let meant = meant(types, key, fields.keys());
            return Err(Fault::new(format!("the type \"{name}\" has no field \"{}\"{meant}", Short(key))));
        };
        let expected = Expected { ty: &field.ty, default: field.default, one_of, bounded: bounded.then_some(own) };
        check(types, expected, value, source, met).map_err(|fault| fault.within(key))?;
    }
    let missing = |(key, field): &(&Name, &super::types::Input)| {
        !field.ty.nullable && !field.default && !values.contains_key(*key)
    };
    if let Some((key, field)) = fields.iter().find(missing) {
        return Err(Fault::new(format!("the field \"{key}\" of type \"{}\" is required", field.ty)));
    }
    if one_of && values.len() != 1 {
        let fields = fields.keys().map(Name::as_str).collect::<Vec<_>>().join(", ");
        let given = values.len();
        return Err(Fault::new(format!("the type \"{name}\" takes exactly one of its fields ({fields}), not {given}")));
    }
    if one_of && values.values().any(|value| matches!(value.shape(), Shape::Null)) {
        return Err(Fault::new(format!("the type \"{name}\" takes exactly one of its fields, and not null")));
    }
    Ok(())
}

/// Reports the variables in a value that the schema does not define.
pub fn variables<'a, L: Literal>(value: &'a L, met: &mut dyn FnMut(&'a Name)) {
    match value.shape() {
        Shape::Variable(name) => met(name),
        Shape::List(items) => items.iter().for_each(|value| variables(value, met)),
        Shape::Object(fields) => fields.values().for_each(|value| variables(value, met)),
        _ => {}
    }
}

/// The beginning of a value, for messages.
pub struct Short<T>(pub T);

impl<T: Display> Display for Short<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.char_indices().nth(40) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}
