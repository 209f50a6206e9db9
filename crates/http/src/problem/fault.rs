//! The refusals of the HTTP front end itself: a table like that of the use cases.
use actix_web::http::StatusCode;

doorward_ports::codes! {
    /// The reason of a refusal by HTTP, as a name that never changes. Each has a page in `docs/problems/`.
    pub(crate) enum Fault: StatusCode {
        /// No route has this path.
        RouteNotFound = "route_not_found", NOT_FOUND, "No such route";
        /// The path exists, but does not support this method.
        MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
        /// The body is not JSON.
        MalformedJson = "malformed_json", BAD_REQUEST, "Malformed JSON";
        /// A header, the query or the path can't be read.
        MalformedRequest = "malformed_request", BAD_REQUEST, "Malformed request";
        /// The body is too long.
        PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "Payload too large";
        /// The body is not sent as JSON.
        UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
        /// The caller accepts no encoding of this service.
        NotAcceptable = "not_acceptable", NOT_ACCEPTABLE, "Not acceptable";
        /// The web origin of the page may not call the API.
        CorsRefused = "cors_refused", FORBIDDEN, "Cross-origin request refused";
        /// Only a cookie authenticates the request, and a page of another site may have caused it.
        CsrfRefused = "csrf_refused", FORBIDDEN, "Request may be forged";
        /// The body did not arrive in time.
        RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "Request timeout";
        /// The whole request took too long.
        DeadlineExceeded = "deadline_exceeded", SERVICE_UNAVAILABLE, "Deadline exceeded";
        /// The node is stopping.
        Stopping = "stopping", SERVICE_UNAVAILABLE, "The service is stopping";
    }
}
