//! The scan: reads the tokens once, counts what has a limit, and records the selections and spreads of each operation and fragment.
//!
//! The meaning of a token depends on the bracket around it and on the token before it. In a selection set, a `:` can only follow an
//! alias; in parentheses, an argument or a variable; in a `{` among values, a field of an object. The scan ends where the parser must
//! end: where there is no token, and at a closing bracket of another kind.

use std::{collections::HashSet, ops::Range};

use super::{
    expansion::{self, Definition, Set, Spread},
    lexer::{Bracket, Lexer, Token},
    limits::{Counter, Exceeded, Limit, Limits},
};

/// The content of an open bracket.
enum Content<'a> {
    /// Selections. `inline`: the last one is an inline fragment.
    Selections { set: Set, inline: bool },
    /// The arguments of a field, or of a directive on a selection, with their number so far.
    Arguments(usize),
    /// The fields of an object literal, with their names so far.
    Object(HashSet<&'a str>),
    /// Values in a list, variable definitions, types.
    Values,
}

/// The previous token, which determines the meaning of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Previous {
    At,
    Spread,
    /// `on` at the beginning of a type condition.
    On,
    Colon,
    Other,
}

/// The position in the head of a definition. It is used only outside all brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Awaited,
    FragmentName,
    Named,
}

struct Scan<'a> {
    lexer: Lexer<'a>,
    open: Vec<(Bracket, Content<'a>)>,
    previous: Previous,
    /// The last name, and the byte after it.
    latest: (&'a str, usize),
    /// The first name that is repeated in an object literal.
    repeated: Option<Range<usize>>,
    head: Head,
    definitions: Vec<Definition<'a>>,
    spread: Vec<Spread<'a>>,
    /// The maximum number of arguments of a field.
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

/// Reads the text as far as the parser can. Returns the position of the end, and the first name that is repeated in an object literal.
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
        Limit::Comments.check(limits.comments, scan.lexer.comments())?;
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
    Limit::Comments.check(limits.comments, scan.lexer.comments())?;
    expansion::check(scan.definitions, &scan.spread, scan.arguments, limits)?;
    Ok((scan.lexer.position(), scan.repeated))
}

impl<'a> Scan<'a> {
    fn open(&mut self, bracket: Bracket) -> Result<(), Exceeded> {
        Limit::Nesting.check(self.nesting, self.open.len() + 1)?;
        let held = match (bracket, self.open.last()) {
            (Bracket::Brace, None) => {
                if self.head == Head::Awaited {
                    self.begin(None)?;
                }
                self.head = Head::Awaited;
                let set = Set { outermost: true, merges: 1 };
                Content::Selections { set, inline: false }
            }
            (Bracket::Brace, Some(&(_, Content::Selections { set, inline }))) => {
                let set = Set { outermost: inline && set.outermost, merges: if inline { set.merges + 1 } else { 1 } };
                Content::Selections { set, inline: false }
            }
            (Bracket::Brace, Some(_)) => Content::Object(HashSet::new()),
            (Bracket::Paren, Some((_, Content::Selections { .. }))) => Content::Arguments(0),
            _ => Content::Values,
        };
        self.open.push((bracket, held));
        Ok(())
    }

    fn name(&mut self, name: &'a str) -> Result<(), Exceeded> {
        Limit::NameBytes.check(self.name_bytes, name.len())?;
        self.latest = (name, self.lexer.position());
        match self.open.last() {
            None => self.head(name),
            Some(&(_, Content::Selections { set, .. })) => match self.previous {
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

    /// Whether this name, which follows a `...`, is the `on` of a type condition.
    fn begins_type(&self, name: &str) -> bool {
        name == "on" && self.lexer.name_follows_space()
    }

    /// A name outside all brackets. The parser accepts keywords without a separator: `fragmentF on T` defines `F`.
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

    /// A field, or a `...`, which counts as an inline fragment until a name follows.
    fn selection(&mut self, dots: bool) {
        if let Some((_, Content::Selections { set, inline })) = self.open.last_mut()
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
        if let Some((_, Content::Selections { inline, .. })) = self.open.last_mut() {
            *inline = false;
        }
        self.spread.push(Spread { name, within: self.definitions.len() - 1, set });
        Ok(())
    }

    fn colon(&mut self) -> Result<(), Exceeded> {
        match self.open.last_mut() {
            Some((_, Content::Selections { .. })) => return self.aliases.add(),
            Some((_, Content::Arguments(count))) => {
                *count += 1;
                self.arguments = self.arguments.max(*count);
            }
            Some((_, Content::Object(names))) => {
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
