/// The versions that a change is meant for: those that its caller has read, of which the present one must be
/// (RFC 9110 §13.1.1, `If-Match`). Where none are given, the change is meant for whatever there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions(Vec<i64>);

impl Versions {
    /// Whether the change is meant for this version. No version is among none.
    #[must_use]
    pub fn include(&self, present: i64) -> bool {
        self.0.contains(&present)
    }
}

impl From<i64> for Versions {
    fn from(version: i64) -> Self {
        Self(vec![version])
    }
}

impl FromIterator<i64> for Versions {
    fn from_iter<I: IntoIterator<Item = i64>>(versions: I) -> Self {
        Self(versions.into_iter().collect())
    }
}
