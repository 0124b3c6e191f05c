//! The scan: counts what can be counted as the words go by, and notes what each operation and fragment selects and
//! spreads.
//!
//! A word's part is known from the bracket it stands in and the word before it. In a selection set a `:` can only
//! follow an alias; in parentheses it follows an argument or a variable, and in a `{` that stands among values it
//! follows an object's field. The scan ends where the parser cannot go on: where there is no word, and at a bracket
//! that closes another kind.

use std::{collections::HashSet, ops::Range};

use super::{
    expansion::{self, Definition, Set, Spread},
    lexer::{Bracket, Lexer, Token},
    limits::{Counter, Exceeded, Limit, Limits},
};

/// What the brackets around a word hold.
enum Held<'a> {
    /// Selections, and whether the latest of them is an inline fragment.
    Selections { set: Set, inline: bool },
    /// The arguments of a field, or of a directive on a selection, and how many there are so far.
    Arguments(usize),
    /// The fields of an object literal, and their names so far.
    Object(HashSet<&'a str>),
    /// Values in a list, variable definitions, types.
    Values,
}

/// What the word before asks of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Previous {
    At,
    Spread,
    /// `on`, where it begins a type condition.
    On,
    Colon,
    Other,
}

/// How far the head of a definition has been read; what matters only outside all brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Awaited,
    FragmentName,
    Named,
}

struct Scan<'a> {
    lexer: Lexer<'a>,
    open: Vec<(Bracket, Held<'a>)>,
    previous: Previous,
    /// The latest name, and the byte after it.
    latest: (&'a str, usize),
    /// The first name that an object literal has twice.
    repeated: Option<Range<usize>>,
    head: Head,
    definitions: Vec<Definition<'a>>,
    spread: Vec<Spread<'a>>,
    /// The most arguments that any field has.
    arguments: usize,
    name_bytes: usize,
    nesting: usize,
    tokens: Counter,
    aliases: Counter,
    directives: Counter,
    operations: Counter,
    fragments: Counter,
    spreads: Counter,
}

/// Reads the text as far as the parser could; gives the byte where that was, and the first name that stands twice in an
/// object literal.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<(usize, Option<Range<usize>>), Exceeded> {
    let mut scan = Scan {
        lexer: Lexer::new(text),
        open: Vec::new(),
        previous: Previous::Other,
        latest: ("", 0),
        repeated: None,
        head: Head::Awaited,
        definitions: Vec::new(),
        spread: Vec::new(),
        arguments: 0,
        name_bytes: limits.name_bytes,
        nesting: limits.nesting,
        tokens: Counter::new(Limit::Tokens, limits.tokens),
        aliases: Counter::new(Limit::Aliases, limits.aliases),
        directives: Counter::new(Limit::Directives, limits.directives),
        operations: Counter::new(Limit::Operations, limits.operations),
        fragments: Counter::new(Limit::Fragments, limits.fragments),
        spreads: Counter::new(Limit::Spreads, limits.spreads),
    };
    while let Some(token) = scan.lexer.next() {
        scan.tokens.add()?;
        Limit::Comments.hold(limits.comments, scan.lexer.comments())?;
        match token {
            Token::Open(bracket) => scan.open(bracket)?,
            Token::Close(bracket) => {
                if scan.open.pop().is_none_or(|(opened, _)| opened != bracket) {
                    break;
                }
            }
            Token::Name(name) => scan.name(name)?,
            Token::Spread => scan.selection(true),
            Token::Colon => scan.colon()?,
            Token::At => scan.directives.add()?,
            Token::Other => {}
        }
        scan.previous = match token {
            Token::At => Previous::At,
            Token::Spread => Previous::Spread,
            Token::Colon => Previous::Colon,
            Token::Name(name) if scan.previous == Previous::Spread && scan.begins_type(name) => Previous::On,
            _ => Previous::Other,
        };
    }
    Limit::Comments.hold(limits.comments, scan.lexer.comments())?;
    expansion::check(scan.definitions, &scan.spread, scan.arguments, limits)?;
    Ok((scan.lexer.position(), scan.repeated))
}

impl<'a> Scan<'a> {
    fn open(&mut self, bracket: Bracket) -> Result<(), Exceeded> {
        Limit::Nesting.hold(self.nesting, self.open.len() + 1)?;
        let held = match (bracket, self.open.last()) {
            (Bracket::Brace, None) => {
                if self.head == Head::Awaited {
                    self.begin(None)?;
                }
                self.head = Head::Awaited;
                let set = Set { outermost: true, merges: 1 };
                Held::Selections { set, inline: false }
            }
            (Bracket::Brace, Some(&(_, Held::Selections { set, inline }))) => {
                let set = Set { outermost: inline && set.outermost, merges: if inline { set.merges + 1 } else { 1 } };
                Held::Selections { set, inline: false }
            }
            (Bracket::Brace, Some(_)) => Held::Object(HashSet::new()),
            (Bracket::Paren, Some((_, Held::Selections { .. }))) => Held::Arguments(0),
            _ => Held::Values,
        };
        self.open.push((bracket, held));
        Ok(())
    }

    fn name(&mut self, name: &'a str) -> Result<(), Exceeded> {
        Limit::NameBytes.hold(self.name_bytes, name.len())?;
        self.latest = (name, self.lexer.position());
        match self.open.last() {
            None => self.head(name),
            Some(&(_, Held::Selections { set, .. })) => match self.previous {
                Previous::Spread if !self.begins_type(name) => self.spread(name, set),
                Previous::Other => {
                    self.selection(false);
                    Ok(())
                }
                _ => Ok(()),
            },
            Some(_) => Ok(()),
        }
    }

    /// Whether the name just read, which follows a `...`, is the `on` of a type condition.
    fn begins_type(&self, name: &str) -> bool {
        name == "on" && self.lexer.name_follows_space()
    }

    /// A name outside all brackets. The parser reads its keywords off the front of a word: `fragmentF on T` defines
    /// `F`.
    fn head(&mut self, name: &'a str) -> Result<(), Exceeded> {
        match self.head {
            Head::Awaited => {
                if OPERATIONS.iter().any(|keyword| name.starts_with(keyword)) {
                    self.head = Head::Named;
                    return self.begin(None);
                }
                let Some(rest) = name.strip_prefix("fragment") else {
                    return Ok(());
                };
                self.head = if rest.is_empty() { Head::FragmentName } else { Head::Named };
                return self.begin(Some(rest));
            }
            Head::FragmentName => {
                self.head = Head::Named;
                if let Some(definition) = self.definitions.last_mut() {
                    definition.fragment = Some(name);
                }
            }
            Head::Named => {}
        }
        Ok(())
    }

    fn begin(&mut self, fragment: Option<&'a str>) -> Result<(), Exceeded> {
        match fragment {
            Some(_) => self.fragments.add()?,
            None => self.operations.add()?,
        }
        self.definitions.push(Definition { fragment, ..Definition::default() });
        Ok(())
    }

    /// A field, or a `...` of either kind; the latter is held to be an inline fragment until a name follows.
    fn selection(&mut self, dots: bool) {
        if let Some((_, Held::Selections { set, inline })) = self.open.last_mut()
            && let Some(definition) = self.definitions.last_mut()
        {
            *inline = dots;
            definition.selections += 1;
            if !dots {
                definition.outermost += usize::from(set.outermost);
                definition.merged += set.merges;
            }
        }
    }

    fn spread(&mut self, name: &'a str, set: Set) -> Result<(), Exceeded> {
        self.spreads.add()?;
        if let Some((_, Held::Selections { inline, .. })) = self.open.last_mut() {
            *inline = false;
        }
        self.spread.push(Spread { name, within: self.definitions.len() - 1, set });
        Ok(())
    }

    fn colon(&mut self) -> Result<(), Exceeded> {
        match self.open.last_mut() {
            Some((_, Held::Selections { .. })) => return self.aliases.add(),
            Some((_, Held::Arguments(count))) => {
                *count += 1;
                self.arguments = self.arguments.max(*count);
            }
            Some((_, Held::Object(names))) => {
                let (name, end) = self.latest;
                if !names.insert(name) {
                    self.repeated.get_or_insert(end - name.len()..end);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

const OPERATIONS: [&str; 3] = ["query", "mutation", "subscription"];
