//! Pages of a list: which part is asked for, and how it is cut from an ordered query. A cursor holds the sort key and
//! the id of its row, so that a page begins where the last one ended whatever came or went in between.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Datelike;
use sea_orm::{
    Condition, Order, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr, Value},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::db::error::Error;

/// The largest page.
pub const MAX_PAGE: u64 = 200;
/// The page where none is asked for.
pub const DEFAULT_PAGE: u64 = 50;

/// Which part of a list is asked for, as the Relay connections specification has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    limit: u64,
    backward: bool,
    after: Option<Place>,
    before: Option<Place>,
}

/// A place in an ordered list: which list, and the sort key and the id of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Place(String, Key, Uuid);

/// What a list is ordered by, before the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// Microseconds since 1970, or another number.
    Number(i64),
    /// A text.
    Text(String),
}

/// What a list is ordered by before the id, and how that is read from a cursor.
pub type By = (SimpleExpr, fn(&Key) -> Option<Value>);

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub rows: Vec<T>,
    /// Whether there are more behind.
    pub has_next: bool,
    /// Whether there are more before.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// The page of what is made of its rows, without those of which nothing is.
    pub fn filter_map<U>(self, made: impl FnMut(T) -> Option<U>) -> Page<U> {
        let Self { rows, has_next, has_previous } = self;
        Page { rows: rows.into_iter().filter_map(made).collect(), has_next, has_previous }
    }
}

impl Window {
    /// Reads the four arguments of a connection.
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self, Error> {
        let (wanted, name, backward) = match (first, last) {
            (Some(_), Some(_)) => return Err(Error::BadRequest("give `first` or `last`, not both".into())),
            (first, None) => (first, "first", false),
            (None, last) => (last, "last", true),
        };
        let limit = match wanted {
            None => DEFAULT_PAGE,
            Some(wanted) => match u64::try_from(wanted) {
                Ok(wanted) if wanted <= MAX_PAGE => wanted,
                Ok(_) => {
                    return Err(Error::BadRequest(format!("`{name}` is {wanted}; a page holds {MAX_PAGE} at most")));
                }
                Err(_) => return Err(Error::BadRequest(format!("`{name}` must not be negative"))),
            },
        };
        let place = |cursor: Option<String>, name: &str| match cursor {
            None => Ok(None),
            Some(cursor) => read(&cursor).map(Some).ok_or_else(|| no_cursor(name)),
        };
        Ok(Self { limit, backward, after: place(after, "after")?, before: place(before, "before")? })
    }

    /// Orders the query of a list by a column and the id, and cuts this window from it: one row more than asked for tells
    /// whether there are others. `key` makes the column's value from that of a cursor; `None` where it cannot be one.
    pub fn cut<Q: QuerySelect + QueryOrder + sea_orm::QueryFilter>(
        &self,
        query: Q,
        list: &str,
        column: SimpleExpr,
        id: SimpleExpr,
        descending: bool,
        key: impl Fn(&Key) -> Option<Value>,
    ) -> Result<Q, Error> {
        let within = self.within(list, &column, &id, descending, key)?;
        Ok(self.ordered(query.filter(within), column, id, descending))
    }

    /// As [`Window::cut`], where what the list is ordered by is made of groups of rows.
    pub fn cut_groups<Q: QuerySelect + QueryOrder>(
        &self,
        query: Q,
        list: &str,
        column: SimpleExpr,
        id: SimpleExpr,
        descending: bool,
        key: impl Fn(&Key) -> Option<Value>,
    ) -> Result<Q, Error> {
        let within = self.within(list, &column, &id, descending, key)?;
        Ok(self.ordered(query.having(within), column, id, descending))
    }

    /// Whether a row stands within this window of a list that is ordered by a column and the id.
    pub(in crate::store) fn within(
        &self,
        list: &str,
        column: &SimpleExpr,
        id: &SimpleExpr,
        descending: bool,
        key: impl Fn(&Key) -> Option<Value>,
    ) -> Result<Condition, Error> {
        let mut within = Condition::all();
        for (place, name, is_after) in [(&self.after, "after", true), (&self.before, "before", false)] {
            let Some(Place(of, at, uuid)) = place else { continue };
            let at = key(at).filter(|_| of == list).ok_or_else(|| no_cursor(name))?;
            let row = Expr::tuple([column.clone(), id.clone()]);
            let here = Expr::tuple([Expr::val(at), Expr::val(*uuid)]);
            within = within.add(if is_after == descending { row.lt(here) } else { row.gt(here) });
        }
        Ok(within)
    }

    /// How many rows the page holds at most.
    pub(in crate::store) fn limit(&self) -> u64 {
        self.limit
    }

    /// Whether the page is read from its end.
    pub(in crate::store) fn is_backward(&self) -> bool {
        self.backward
    }

    /// Cuts this window from rows that were all read, each with its place by number, in order.
    pub fn of_all<T>(&self, list: &str, rows: impl IntoIterator<Item = (i64, Uuid, T)>) -> Result<Page<T>, Error> {
        let place = |place: &Option<Place>, name: &str| match place {
            None => Ok(None),
            Some(Place(of, Key::Number(number), id)) if of == list => Ok(Some((*number, *id))),
            Some(_) => Err(no_cursor(name)),
        };
        let (after, before) = (place(&self.after, "after")?, place(&self.before, "before")?);
        let within = rows.into_iter().filter(|(number, id, _)| {
            after.is_none_or(|after| (*number, *id) > after) && before.is_none_or(|before| (*number, *id) < before)
        });
        let mut rows: Vec<T> = within.map(|(_, _, row)| row).collect();
        if self.backward {
            rows.reverse();
        }
        rows.truncate(self.limit as usize + 1);
        Ok(self.page(rows))
    }

    fn ordered<Q: QuerySelect + QueryOrder>(
        &self,
        query: Q,
        column: SimpleExpr,
        id: SimpleExpr,
        descending: bool,
    ) -> Q {
        let order = if descending == self.backward { Order::Asc } else { Order::Desc };
        query.order_by(column, order.clone()).order_by(id, order).limit(self.limit + 1)
    }

    /// Makes the page from the rows of a query that was cut.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let more = rows.len() as u64 > self.limit;
        rows.truncate(self.limit as usize);
        if self.backward {
            rows.reverse();
            Page { rows, has_next: self.before.is_some(), has_previous: more }
        } else {
            Page { rows, has_next: more, has_previous: self.after.is_some() }
        }
    }
}

/// The cursor of a row in a list.
pub fn cursor(list: &str, key: Key, id: Uuid) -> String {
    // None of the three can fail to be written.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Place(list.into(), key, id)).unwrap_or_default())
}

fn no_cursor(name: &str) -> Error {
    Error::BadRequest(format!("`{name}` is not a cursor of this list"))
}

fn read(cursor: &str) -> Option<Place> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

/// Reads a cursor's instant.
pub fn instant(key: &Key) -> Option<Value> {
    let Key::Number(micros) = key else { return None };
    let instant = chrono::DateTime::from_timestamp_micros(*micros)?;
    // What the scalar writes, and both databases order alike.
    (1..=9_999).contains(&instant.year()).then(|| Value::from(instant))
}

/// Reads a cursor's text.
pub fn text(key: &Key) -> Option<Value> {
    let Key::Text(text) = key else { return None };
    // PostgreSQL refuses to look for what it cannot hold.
    (!text.contains('\0')).then(|| Value::from(text.as_str()))
}

/// Reads a cursor's number.
pub fn number(key: &Key) -> Option<Value> {
    let Key::Number(number) = key else { return None };
    i32::try_from(*number).ok().map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_over_the_limit_is_refused_and_says_so() {
        let error = Window::new(Some(201), None, None, None).unwrap_err().to_string();
        assert_eq!(error, "`first` is 201; a page holds 200 at most");
        assert!(Window::new(Some(200), None, None, None).is_ok());
        assert!(Window::new(None, None, Some(201), None).is_err());
        assert!(Window::new(Some(-1), None, None, None).is_err());
        assert!(Window::new(Some(1), None, Some(1), None).is_err());
    }

    #[test]
    fn a_cursor_is_read_back_and_another_text_refused() {
        let id = Uuid::now_v7();
        let made = cursor("services", Key::Text("duree".into()), id);
        assert_eq!(read(&made), Some(Place("services".into(), Key::Text("duree".into()), id)));
        assert!(Window::new(None, Some("x".into()), None, None).is_err());
    }
}
