//! Pages of a list: the arguments of a connection, and the limits of an ordered query. A cursor contains the sort key
//! and the id of its row, so that a page begins after the previous one even if rows were added or deleted.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Datelike;
use entente_entity::scalar::DateTime;
use sea_orm::{
    Condition, Order as Direction, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr, Value},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::db::error::Error;

/// The maximum size of a page.
pub const MAX_PAGE: u64 = 200;
/// The size of a page if the query gives none.
pub const DEFAULT_PAGE: u64 = 50;

/// The part of a list that a query asks for, by the Relay connections specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    limit: u64,
    backward: bool,
    after: Option<Place>,
    before: Option<Place>,
}

/// A place in an ordered list: the name of the list, and the sort key and the id of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Place(String, Key, Uuid);

/// The sort key of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    /// Microseconds since 1970, or another number.
    Number(i64),
    /// A text.
    Text(String),
}

/// The order of a list: by a sort key, then by the id. It also makes the cursors.
pub struct Order<T> {
    /// The name of the list. Cursors of other lists are refused.
    pub list: &'static str,
    /// The sort key.
    pub by: By<T>,
    /// The id of a row.
    pub id: fn(&T) -> Uuid,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// The sort key of the rows of a list.
pub enum By<T> {
    /// A text.
    Text(fn(&T) -> &str),
    /// An instant.
    Instant(fn(&T) -> DateTime),
    /// A number of 32 bits.
    Number(fn(&T) -> i32),
    /// A number of 64 bits.
    Long(fn(&T) -> i64),
}

impl<T> Order<T> {
    /// The cursor of a row.
    pub fn cursor(&self, row: &T) -> String {
        let place = Place(self.list.into(), self.key(row), (self.id)(row));
        // Serializing these three cannot fail.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).unwrap_or_default())
    }

    fn key(&self, row: &T) -> Key {
        match self.by {
            By::Text(text) => Key::Text(text(row).to_owned()),
            By::Instant(at) => Key::Number(at(row).0.timestamp_micros()),
            By::Number(number) => Key::Number(number(row).into()),
            By::Long(number) => Key::Number(number(row)),
        }
    }

    /// The sort key of a cursor as a value for the database; `None` if no row of the list can have it.
    fn value(&self, key: &Key) -> Option<Value> {
        match (&self.by, key) {
            // PostgreSQL refuses values that it cannot store.
            (By::Text(_), Key::Text(text)) => (!text.contains('\0')).then(|| Value::from(text.as_str())),
            (By::Instant(_), Key::Number(micros)) => {
                let instant = chrono::DateTime::from_timestamp_micros(*micros)?;
                // The years that the scalar can have, and that both databases order in the same way.
                (1..=9_999).contains(&instant.year()).then(|| Value::from(instant))
            }
            (By::Number(_), Key::Number(number)) => i32::try_from(*number).ok().map(Value::from),
            (By::Long(_), Key::Number(number)) => Some(Value::from(*number)),
            _ => None,
        }
    }
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub rows: Vec<T>,
    /// Whether there are rows after these.
    pub has_next: bool,
    /// Whether there are rows before these.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// The page with its rows converted.
    pub fn map<U>(self, made: impl FnMut(T) -> U) -> Page<U> {
        let Self { rows, has_next, has_previous } = self;
        Page { rows: rows.into_iter().map(made).collect(), has_next, has_previous }
    }

    /// The page with its rows converted; rows without a result are left out.
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

    /// Orders the query of a list and limits it to this window, plus one row that shows whether there are more.
    pub fn cut<T, Q: QuerySelect + QueryOrder + sea_orm::QueryFilter>(
        &self,
        query: Q,
        order: &Order<T>,
        column: SimpleExpr,
        id: SimpleExpr,
    ) -> Result<Q, Error> {
        let within = self.within(order, &column, &id)?;
        Ok(self.ordered(query.filter(within), order, column, id))
    }

    /// As [`Window::cut`], for a sort key that is an aggregate.
    pub fn cut_groups<T, Q: QuerySelect + QueryOrder>(
        &self,
        query: Q,
        order: &Order<T>,
        column: SimpleExpr,
        id: SimpleExpr,
    ) -> Result<Q, Error> {
        let within = self.within(order, &column, &id)?;
        Ok(self.ordered(query.having(within), order, column, id))
    }

    /// The condition that a row is between the cursors of this window.
    pub(in crate::store) fn within<T>(
        &self,
        order: &Order<T>,
        column: &SimpleExpr,
        id: &SimpleExpr,
    ) -> Result<Condition, Error> {
        let mut within = Condition::all();
        for (place, name, is_after) in [(&self.after, "after", true), (&self.before, "before", false)] {
            let Some(Place(list, at, uuid)) = place else { continue };
            let at = order.value(at).filter(|_| list == order.list).ok_or_else(|| no_cursor(name))?;
            let row = Expr::tuple([column.clone(), id.clone()]);
            let here = Expr::tuple([Expr::val(at), Expr::val(*uuid)]);
            within = within.add(if is_after == order.descending { row.lt(here) } else { row.gt(here) });
        }
        Ok(within)
    }

    /// The direction in which the rows of this window are read.
    pub(in crate::store) fn direction<T>(&self, order: &Order<T>) -> Direction {
        if order.descending == self.backward { Direction::Asc } else { Direction::Desc }
    }

    /// Maximum number of rows of the page.
    pub(in crate::store) fn limit(&self) -> u64 {
        self.limit
    }

    /// This window of rows that were all read, in their order.
    pub fn of_all<T>(&self, order: &Order<T>, rows: impl IntoIterator<Item = T>) -> Result<Page<T>, Error> {
        let given = |place: &Option<Place>, name: &str| match place {
            None => Ok(None),
            Some(Place(list, key, id)) if list == order.list && order.value(key).is_some() => {
                Ok(Some((key.clone(), *id)))
            }
            Some(_) => Err(no_cursor(name)),
        };
        let (after, before) = (given(&self.after, "after")?, given(&self.before, "before")?);
        let is_within = |row: &T| {
            let place = (order.key(row), (order.id)(row));
            after.as_ref().is_none_or(|after| place > *after) && before.as_ref().is_none_or(|before| place < *before)
        };
        let mut rows: Vec<T> = rows.into_iter().filter(is_within).collect();
        if self.backward {
            rows.reverse();
        }
        rows.truncate(self.limit as usize + 1);
        Ok(self.page(rows))
    }

    fn ordered<T, Q: QuerySelect + QueryOrder>(
        &self,
        query: Q,
        order: &Order<T>,
        column: SimpleExpr,
        id: SimpleExpr,
    ) -> Q {
        let direction = self.direction(order);
        query.order_by(column, direction.clone()).order_by(id, direction).limit(self.limit + 1)
    }

    /// Makes the page from the rows of a query that [`Window::cut`] limited.
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

fn no_cursor(name: &str) -> Error {
    Error::BadRequest(format!("`{name}` is not a cursor of this list"))
}

fn read(cursor: &str) -> Option<Place> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
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
        let by_name: Order<(String, Uuid)> =
            Order { list: "things", by: By::Text(|(name, _)| name), id: |(_, id)| *id, descending: false };
        let made = by_name.cursor(&("duree".to_owned(), id));
        assert_eq!(read(&made), Some(Place("things".into(), Key::Text("duree".into()), id)));
        assert!(Window::new(None, Some("x".into()), None, None).is_err());
    }
}
