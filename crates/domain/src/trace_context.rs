use std::fmt;
use thiserror::Error;

/// The length of a `traceparent` of version 00.
const LENGTH: usize = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".len();
const SAMPLED: u8 = 1;

/// The id that all spans of a trace have (W3C Trace Context §3.2.2.3). It is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The id of these bytes; none if they are all zero.
    #[must_use]
    pub fn of(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// Its bytes, as they are sent.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The id of a span inside its trace (§3.2.2.4). It is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

impl SpanId {
    /// The id of these bytes; none if they are all zero.
    #[must_use]
    pub fn of(bytes: [u8; 8]) -> Option<Self> {
        (bytes != [0; 8]).then_some(Self(bytes))
    }

    /// Its bytes, as they are sent.
    #[must_use]
    pub const fn bytes(self) -> [u8; 8] {
        self.0
    }

    /// The id that comes this many after it, so that one random id is enough for the spans of a process in a trace.
    #[must_use]
    pub fn plus(self, count: u64) -> Self {
        let next = u64::from_be_bytes(self.0).wrapping_add(count);
        Self::of(next.to_be_bytes()).unwrap_or(Self([0xff; 8]))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// What a caller says of the trace that a request belongs to: the header `traceparent` (W3C Trace Context §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    /// The trace.
    pub trace: TraceId,
    /// The span of the caller.
    pub span: SpanId,
    /// Whether the caller records the trace.
    pub sampled: bool,
}

/// Why a text is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a traceparent looks like `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`")]
pub struct TraceParentError;

impl TraceParent {
    /// Reads the header. Of a later version, only what this version defines is read (§4.3).
    ///
    /// # Errors
    /// If it is malformed. The specification then asks to ignore it.
    pub fn parse(text: &str) -> Result<Self, TraceParentError> {
        let mut parts = text.splitn(5, '-');
        let mut part = || parts.next().ok_or(TraceParentError);
        let ([version], trace, span, [flags]) = (hex(part()?)?, hex(part()?)?, hex(part()?)?, hex(part()?)?);
        if version == 0xff || (version == 0 && text.len() != LENGTH) {
            return Err(TraceParentError);
        }
        let (trace, span) = TraceId::of(trace).zip(SpanId::of(span)).ok_or(TraceParentError)?;
        Ok(Self { trace, span, sampled: flags & SAMPLED != 0 })
    }
}

/// Lower-case digits only (§3.2.2).
fn hex<const BYTES: usize>(text: &str) -> Result<[u8; BYTES], TraceParentError> {
    let digits = text.as_bytes();
    if digits.len() != BYTES * 2 {
        return Err(TraceParentError);
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

const fn digit(character: u8) -> Result<u8, TraceParentError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        _ => Err(TraceParentError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn a_traceparent_names_the_trace_the_span_and_whether_it_is_sampled() {
        let parent = TraceParent::parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!((parent.trace.to_string(), parent.span.to_string()), (TRACE.to_owned(), SPAN.to_owned()));
        assert!(parent.sampled);
        let unknown_flags = TraceParent::parse(&format!("00-{TRACE}-{SPAN}-fe")).unwrap();
        assert!(!unknown_flags.sampled);
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        for later in [format!("01-{TRACE}-{SPAN}-01"), format!("cc-{TRACE}-{SPAN}-01-what-comes-next")] {
            assert!(TraceParent::parse(&later).is_ok_and(|parent| parent.sampled), "{later}");
        }
    }

    #[test]
    fn what_the_specification_calls_invalid_is_refused() {
        for bad in [
            String::new(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!(" 00-{TRACE}-{SPAN}-01"),
        ] {
            assert_eq!(TraceParent::parse(&bad), Err(TraceParentError), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC*|[0-9a-f-]{50,60}") {
            if let Ok(parent) = TraceParent::parse(&text) {
                let shown = format!("-{}-{}-", parent.trace, parent.span);
                prop_assert!(text.contains(&shown));
            }
        }

        #[test]
        fn every_well_formed_parent_is_read(trace in 1_u128.., span in 1_u64.., flags: u8) {
            let read = TraceParent::parse(&format!("00-{trace:032x}-{span:016x}-{flags:02x}")).unwrap();
            prop_assert_eq!(read.trace.bytes(), trace.to_be_bytes());
            prop_assert_eq!(read.span.bytes(), span.to_be_bytes());
            prop_assert_eq!(read.sampled, flags % 2 == 1);
        }

        #[test]
        fn the_spans_after_one_have_other_ids_and_never_zero(first in 1_u64.., count in 1_u64..1000) {
            let first = SpanId::of(first.to_be_bytes()).unwrap();
            prop_assert_ne!(first.plus(count), first);
            prop_assert_ne!(first.plus(count).bytes(), [0; 8]);
        }
    }
}
