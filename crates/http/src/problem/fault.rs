//! The refusals that HTTP itself has, before any use case is asked: a table like that of the use cases.
use actix_web::http::StatusCode;

doorward_ports::codes! {
    /// Why HTTP refuses, in a word that never changes. Each has a page in `docs/problems/`.
    pub(crate) enum Fault: StatusCode {
        /// No route has this path.
        RouteNotFound = "route_not_found", NOT_FOUND, "No such route";
        /// The path is one of ours, the method is not one of its methods.
        MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
        /// The body is not JSON.
        MalformedJson = "malformed_json", BAD_REQUEST, "Malformed JSON";
        /// A header, the query or the path can't be read.
        MalformedRequest = "malformed_request", BAD_REQUEST, "Malformed request";
        /// The body is longer than it may be.
        PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "Payload too large";
        /// The body is not sent as JSON.
        UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
        /// The client accepts no encoding that we have.
        NotAcceptable = "not_acceptable", NOT_ACCEPTABLE, "Not acceptable";
        /// The page's origin may not call the API.
        CorsRefused = "cors_refused", FORBIDDEN, "Cross-origin request refused";
        /// A cookie says who calls, and the page of another site may have made the browser call.
        CsrfRefused = "csrf_refused", FORBIDDEN, "Request may be forged";
        /// The body did not arrive in time.
        RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "Request timeout";
        /// The whole request took too long.
        DeadlineExceeded = "deadline_exceeded", SERVICE_UNAVAILABLE, "Deadline exceeded";
        /// The node is going away.
        Stopping = "stopping", SERVICE_UNAVAILABLE, "The service is stopping";
    }
}
