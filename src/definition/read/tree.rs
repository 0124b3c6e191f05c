//! The text of one document as a tree of positions: the line and column of each value. It is only built to report the
//! position of a problem.

use std::{collections::HashMap, rc::Rc};

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError};

/// A value in the text, and its position.
#[derive(Debug)]
pub(super) struct Node {
    pub at: Spot,
    pub value: Value,
}

/// A line of the document's own text, and a column, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub line: u64,
    pub column: u64,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar {
        text: String,
        /// Neither quoted nor a block: it may be null, a number or a boolean.
        plain: bool,
    },
    List(Vec<Rc<Node>>),
    Map(Vec<(Key, Rc<Node>)>),
    /// A scalar, or a value that is not examined.
    Unknown,
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub text: String,
    pub at: Spot,
}

/// The maximum depth of nesting in a document.
const MAX_DEPTH: usize = 64;
/// The maximum number of entries that merging (`<<`) may copy.
const MAX_MERGED: usize = 100_000;

struct Builder<'t> {
    parser: Parser<'t, serde_saphyr::granit_parser::StrInput<'t>>,
    anchors: HashMap<usize, Rc<Node>>,
    merged: usize,
}

/// The tree of a text; an error if it is not YAML.
pub(super) fn tree(text: &str) -> Result<Option<Rc<Node>>, ScanError> {
    let mut builder = Builder { parser: Parser::new_from_str(text), anchors: HashMap::new(), merged: 0 };
    while let Some((event, at)) = builder.next()? {
        if !matches!(event, Event::StreamStart | Event::DocumentStart(..)) {
            return builder.node(event, at, 0).map(Some);
        }
    }
    Ok(None)
}

impl<'t> Builder<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, Spot)>, ScanError> {
        for next in self.parser.by_ref() {
            let (event, span) = next?;
            if !matches!(event, Event::Comment(..) | Event::Anchor(..)) {
                let at = Spot { line: span.start.line() as u64, column: span.start.col() as u64 + 1 };
                return Ok(Some((event, at)));
            }
        }
        Ok(None)
    }

    fn node(&mut self, event: Event<'t>, at: Spot, depth: usize) -> Result<Rc<Node>, ScanError> {
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                (Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut entries = Vec::new();
                while let Some((event, at)) = self.next()? {
                    if event == Event::SequenceEnd {
                        break;
                    }
                    entries.push(self.below(event, at, depth)?);
                }
                (Value::List(entries), anchor)
            }
            Event::MappingStart(_, anchor, _) => (self.map(depth)?, anchor),
            Event::Alias(anchor) => {
                // An alias to a value that contains the alias does not exist yet.
                let known = self.anchors.get(&anchor).cloned();
                return Ok(known.unwrap_or_else(|| Rc::new(Node { at, value: Value::Unknown })));
            }
            _ => (Value::Unknown, 0),
        };
        let node = Rc::new(Node { at, value });
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn below(&mut self, event: Event<'t>, at: Spot, depth: usize) -> Result<Rc<Node>, ScanError> {
        if depth < MAX_DEPTH {
            return self.node(event, at, depth + 1);
        }
        // Deeper values are skipped, because the stack is limited.
        let mut open = 0_usize;
        let mut event = Some(event);
        while let Some(this) = event {
            match this {
                Event::SequenceStart(..) | Event::MappingStart(..) => open += 1,
                Event::SequenceEnd | Event::MappingEnd => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
            event = self.next()?.map(|(event, _)| event);
        }
        Ok(Rc::new(Node { at, value: Value::Unknown }))
    }

    fn map(&mut self, depth: usize) -> Result<Value, ScanError> {
        let (mut fields, mut merges) = (Vec::new(), Vec::new());
        while let Some((event, at)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.below(event, at, depth)?;
            let Some((event, at_value)) = self.next()? else { break };
            let value = self.below(event, at_value, depth)?;
            match &key.value {
                Value::Scalar { text, plain: true } if text == "<<" => merges.push(value),
                Value::Scalar { text, .. } => fields.push((Key { text: text.clone(), at }, value)),
                _ => {}
            }
        }
        for merge in merges {
            self.merge(&mut fields, &merge);
        }
        Ok(Value::Map(fields))
    }

    /// Merged fields come after the given ones.
    fn merge(&mut self, fields: &mut Vec<(Key, Rc<Node>)>, from: &Node) {
        match &from.value {
            Value::Map(others) => {
                for (key, value) in others {
                    if self.merged < MAX_MERGED && !fields.iter().any(|(known, _)| known.text == key.text) {
                        self.merged += 1;
                        fields.push((key.clone(), value.clone()));
                    }
                }
            }
            Value::List(entries) => {
                for entry in entries.iter().filter(|entry| matches!(entry.value, Value::Map(_))) {
                    self.merge(fields, entry);
                }
            }
            _ => {}
        }
    }
}

impl Node {
    /// The text of a field, if the field exists and is a text.
    pub fn text_of(&self, field: &str) -> Option<&str> {
        let Value::Map(fields) = &self.value else { return None };
        match &fields.iter().find(|(key, _)| key.text == field)?.1.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The position of the last existing step of a path. The position of a field is that of its name, or of its value
    /// if both are on the same line; the position of a list entry is where the entry begins.
    pub fn locate(&self, path: &[impl AsRef<str>]) -> Spot {
        let (mut here, mut at) = (self, self.at);
        for step in path {
            let step = step.as_ref();
            match &here.value {
                Value::List(entries) => {
                    let Some(entry) = step.parse::<usize>().ok().and_then(|index| entries.get(index)) else { break };
                    (here, at) = (entry, entry.at);
                }
                Value::Map(fields) => {
                    let Some((key, value)) = fields.iter().find(|(key, _)| key.text == step) else { break };
                    at = if value.at.line == key.at.line { value.at } else { key.at };
                    here = value;
                }
                _ => break,
            }
        }
        at
    }
}
