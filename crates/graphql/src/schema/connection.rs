//! Lists with pages (Relay, "GraphQL Cursor Connections").
use crate::context::Context;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_ports::{Cursor, Error, FieldError, Limit};
use juniper::GraphQLObject;

/// Where a page is in its list.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct PageInfo {
    /// Whether another page follows.
    has_next_page: bool,
    /// Whether a page comes before. It is always false: lists are read forwards.
    has_previous_page: bool,
    /// It is always null: lists are read forwards.
    start_cursor: Option<String>,
    /// The value of `after` for the next page; null on the last page.
    end_cursor: Option<String>,
}

/// Writes the types of a connection.
macro_rules! connection {
    ($(#[$doc:meta])* $Connection:ident, $Edge:ident, $Node:ty) => {
        $(#[$doc])*
        #[derive(GraphQLObject)]
        #[graphql(context = Context)]
        pub(super) struct $Connection {
            /// The items of the page.
            edges: Vec<$Edge>,
            /// Where the page is in the list.
            page_info: PageInfo,
        }

        /// An item of a page.
        #[derive(GraphQLObject)]
        #[graphql(context = Context)]
        pub(super) struct $Edge {
            /// The item.
            node: $Node,
            /// The value of `after` for the items behind this one. Only the last item of a page has one, and only if another
            /// page follows.
            cursor: Option<String>,
        }

        impl $Connection {
            pub(super) fn of<T>(page: doorward_ports::Page<T>, node: impl Fn(T) -> $Node) -> Self {
                let end = page.next.as_ref().map($crate::schema::connection::encode);
                let last = page.items.len().saturating_sub(1);
                let edge = |(place, item)| $Edge {
                    node: node(item),
                    cursor: end.clone().filter(|_| place == last),
                };
                let edges = page.items.into_iter().enumerate().map(edge).collect();
                Self { edges, page_info: PageInfo::ending(end) }
            }
        }
    };
}
pub(super) use connection;

impl PageInfo {
    pub(super) fn ending(end: Option<String>) -> Self {
        let has_next_page = end.is_some();
        Self { has_next_page, has_previous_page: false, start_cursor: None, end_cursor: end }
    }
}

/// As REST writes it.
pub(super) fn encode(cursor: &Cursor) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(cursor.as_text())
}

/// Reads `first` and `after`.
pub(super) fn page(first: Option<i32>, after: Option<String>) -> Result<(Option<Cursor>, Limit), Error> {
    let limit = first.map(|first| Limit::new(first.into())).transpose().map_err(|_| wrong_first())?;
    Ok((after.map(decode).transpose()?, limit.unwrap_or_default()))
}

fn wrong_first() -> Error {
    let message = "must be a number from 1 to 100.".to_owned();
    Error::invalid(vec![FieldError { pointer: "/first".to_owned(), code: "out_of_range", message }])
}

fn decode(shown: String) -> Result<Cursor, Error> {
    let text = BASE64_URL_SAFE_NO_PAD.decode(shown).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.filter(|text| !text.contains('\0')).map(Cursor::from_text).ok_or_else(Cursor::invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor::after("email", "ann@example.com");
        let (read, limit) = page(Some(3), Some(encode(&cursor))).unwrap();
        assert_eq!((read, limit.get()), (Some(cursor), 3));
    }

    #[test]
    fn what_no_list_has_written_is_refused() {
        for bad in ["", "%", "AA", "_w", "ZW1haWw"] {
            let refused =
                page(None, Some(bad.to_owned())).and_then(|(cursor, _)| cursor.unwrap().key("email").map(drop));
            assert_eq!(refused.unwrap_err().code.as_str(), "invalid_cursor", "{bad}");
        }
        for bad in [0, -1, 101, i32::MIN, i32::MAX] {
            assert_eq!(page(Some(bad), None).unwrap_err().fields[0].pointer, "/first");
        }
    }
}
