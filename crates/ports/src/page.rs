use crate::{Error, ErrorCode, FieldError, Result};
use std::fmt;

/// The number of items on a page of a list: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// Checks the number that a caller has sent.
    ///
    /// # Errors
    /// [`ErrorCode::ValidationFailed`] outside 1 to 100.
    pub fn new(limit: i64) -> Result<Self> {
        match u8::try_from(limit) {
            Ok(limit @ 1..=100) => Ok(Self(limit)),
            _ => Err(Error::invalid(vec![FieldError {
                pointer: "/limit".to_owned(),
                code: "out_of_range",
                message: "must be a number from 1 to 100.".to_owned(),
            }])),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

/// The direction of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none if this is the last page.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Cuts a page out of rows. One row more than the limit was read, so that the last page is recognized.
    #[must_use]
    pub fn cut(mut rows: Vec<T>, limit: Limit, order: &str, key: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > limit.get();
        rows.truncate(limit.get());
        let next = if more { rows.last().map(|last| Cursor::after(order, &key(last))) } else { None };
        Self { items: rows, next }
    }
}

/// A position in a list, opaque to callers: the order of the list, and the key of the last item of the page.
///
/// It contains a key, not a count, so that rows which appear or disappear meanwhile neither repeat nor hide another
/// row.
///
/// The key can be personal, such as an e-mail address, so its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(…)")
    }
}

impl Cursor {
    /// The position after the item with this key, in a list of this order.
    #[must_use]
    pub fn after(order: &str, key: &str) -> Self {
        Self(format!("{order}:{key}"))
    }

    /// Wraps the decoded text of a cursor from a caller.
    #[must_use]
    pub const fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The text, to be encoded for the caller.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// The key, if the cursor belongs to a list of this order.
    ///
    /// # Errors
    /// `invalid_cursor` if it belongs to another list or order.
    pub fn key(&self, order: &str) -> Result<&str> {
        match self.0.split_once(':') {
            Some((theirs, key)) if theirs == order => Ok(key),
            _ => Err(Self::invalid()),
        }
    }

    /// The refusal of a cursor that no list has returned.
    #[must_use]
    pub fn invalid() -> Error {
        Error::new(
            ErrorCode::InvalidCursor,
            "The cursor does not belong to this list in this order. Start again without a cursor.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_no_next() {
        let limit = Limit::new(2).unwrap();
        let page = Page::cut(vec![1, 2, 3], limit, "n", ToString::to_string);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(page.next.unwrap().key("n").unwrap(), "2");
        assert_eq!(Page::cut(vec![1, 2], limit, "n", ToString::to_string).next, None);
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        assert_eq!(Cursor::after("email", "a").key("created_at").unwrap_err().code, ErrorCode::InvalidCursor);
        assert_eq!(Cursor::from_text("junk".into()).key("email").unwrap_err().code, ErrorCode::InvalidCursor);
    }

    #[test]
    fn a_limit_outside_1_to_100_is_refused() {
        for bad in [-1, 0, 101, i64::MAX] {
            assert_eq!(Limit::new(bad).unwrap_err().fields[0].pointer, "/limit");
        }
        assert_eq!(Limit::default().get(), 20);
    }
}
