//! Documents that are the same for everybody: made and compressed once, and sent as bytes that all answers share, so that an
//! answer that nobody reads costs next to nothing.
use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, Encoding, EntityTag};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};

/// One of them, in the forms that it is sent in.
pub(crate) struct Document {
    plain: Bytes,
    gzip: Option<Bytes>,
    /// The tag of the plain form.
    tag: String,
}

impl Document {
    /// For a document that is made once.
    pub(crate) fn compressed(plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        let gzip = gzip(&plain).ok().filter(|gzip| gzip.len() < plain.len()).map(Bytes::from);
        Self { gzip, ..Self::small(plain) }
    }

    /// For one that fits into a packet or two.
    pub(crate) fn small(plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        let tag = fingerprint(&plain);
        Self { plain, gzip: None, tag }
    }

    /// An answer in the form that the client takes; `finish` adds what is the document's own. Each form has its own tag
    /// (RFC 9110 §8.8.3.3), by which the guard answers 304.
    pub(crate) fn answer(&self, request: &HttpRequest, finish: impl FnOnce(&mut HttpResponseBuilder)) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        finish(&mut answer);
        if self.gzip.is_some() {
            answer.insert_header((header::VARY, header::ACCEPT_ENCODING.as_str()));
        }
        match self.gzip.as_ref().filter(|_| takes_gzip(request)) {
            Some(gzip) => answer
                .insert_header(ContentEncoding::Gzip)
                .insert_header((header::ETAG, EntityTag::new_strong(format!("{}-gzip", self.tag))))
                .body(gzip.clone()),
            // Else the layer that compresses would do it, for each request anew; the envelope removes the word.
            None => answer
                .insert_header(ContentEncoding::Identity)
                .insert_header((header::ETAG, EntityTag::new_strong(self.tag.clone())))
                .body(self.plain.clone()),
        }
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let taken = request.get_header::<AcceptEncoding>();
    let forms = [Encoding::gzip(), Encoding::identity()];
    taken.and_then(|taken| taken.negotiate(forms.iter())) == Some(Encoding::gzip())
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()
}

/// Tells two documents apart; it guards nothing.
fn fingerprint(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    BASE64_URL_SAFE_NO_PAD.encode(hasher.finish().to_be_bytes())
}
