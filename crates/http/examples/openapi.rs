//! Prints the OpenAPI document: `cargo run -p doorward-http --example openapi > docs/openapi.json`.

fn main() {
    print!("{}", doorward_http::openapi_json());
}
