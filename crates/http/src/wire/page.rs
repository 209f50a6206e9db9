use crate::problem::Problem;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_ports as ports;
use doorward_ports::{Cursor, Error, ErrorCode, Limit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items of the page.
    pub(crate) items: Vec<T>,
    /// The value of `cursor` for the next page. It is `null` on the last page.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
}

impl<T> Page<T> {
    pub(crate) fn of<V>(page: ports::Page<V>) -> Self
    where
        T: From<V>,
    {
        let next_cursor = page.next.map(|cursor| BASE64_URL_SAFE_NO_PAD.encode(cursor.as_text()));
        Self { items: page.items.into_iter().map(T::from).collect(), next_cursor }
    }
}

/// The page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The largest number of items on the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins: the `next_cursor` of the previous page.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

impl PageQuery {
    pub(crate) fn read(self) -> Result<(Option<Cursor>, Limit), Problem> {
        Ok((cursor(self.cursor)?, limit(self.limit)?))
    }
}

pub(super) fn limit(asked: Option<i64>) -> Result<Limit, Problem> {
    Ok(asked.map(Limit::new).transpose()?.unwrap_or_default())
}

pub(super) fn cursor(shown: Option<String>) -> Result<Option<Cursor>, Problem> {
    let decode = |shown: String| {
        let text = BASE64_URL_SAFE_NO_PAD.decode(shown).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text.filter(|text| !text.contains('\0')).map(Cursor::from_text).ok_or_else(not_a_cursor)
    };
    shown.map(decode).transpose()
}

fn not_a_cursor() -> Problem {
    Error::new(ErrorCode::InvalidCursor, "The cursor does not belong to this list. Start again without a cursor.")
        .into()
}
