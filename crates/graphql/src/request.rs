use crate::fault::Fault;
use juniper::{InputValue, Variables};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;

/// A request (GraphQL over HTTP, "request parameters"). Parameters that nobody knows are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    #[serde(default)]
    pub(crate) variables: Option<Variables>,
    /// Only looked at for its type.
    #[serde(default, rename = "extensions")]
    _extensions: Option<HashMap<String, IgnoredAny>>,
}

impl Request {
    /// Reads a request in JSON.
    ///
    /// # Errors
    /// [`Fault::Batch`] for a list of requests, otherwise [`Fault::InvalidRequest`]. Text that is no JSON is one too.
    pub fn from_json(json: &[u8]) -> Result<Self, Fault> {
        let is_list = json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        if is_list {
            return Err(Fault::Batch);
        }
        serde_json::from_slice(json).map_err(|_| Fault::InvalidRequest)
    }

    /// Reads the parameters of a query string, in which `variables` and `extensions` are texts in JSON.
    ///
    /// # Errors
    /// [`Fault::InvalidRequest`].
    pub fn from_parameters(get: impl Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        let variables = read::<HashMap<String, InputValue>>(get("variables"))?;
        let extensions = read(get("extensions"))?;
        let query = get("query").ok_or(Fault::InvalidRequest)?;
        let operation_name = get("operationName").filter(|name| !name.is_empty());
        Ok(Self { query, operation_name, variables, _extensions: extensions })
    }
}

fn read<T: serde::de::DeserializeOwned>(text: Option<String>) -> Result<Option<T>, Fault> {
    let text = text.filter(|text| !text.is_empty());
    text.map_or(Ok(None), |text| serde_json::from_str(&text)).map_err(|_| Fault::InvalidRequest)
}
