# Recipes for everyday work. `just` lists them; tests/run and .ci/run do without `just`.

[private]
default:
    @{{ just_executable() }} --list --unsorted

# Start the server, as `cargo run` does.
run *ARGS:
    cargo run -- {{ ARGS }}

# Run the test suite, or parts of it: `just test sql`, `just test system`.
test *NAMES:
    tests/run {{ NAMES }}

# Check all that CI checks, the test suite excepted.
check:
    .ci/run check

# Format the code.
fmt:
    cargo fmt --all

# Write the generated pages of docs/ afresh.
generate:
    .ci/run generate

# Print line coverage by crate, against the goals.
coverage:
    command -v cargo-tarpaulin >/dev/null || cargo install cargo-tarpaulin --locked
    mkdir -p target/coverage
    tests/run --with-servers cargo tarpaulin --engine llvm --workspace --exclude doorward-testkit \
        --exclude-files 'crates/testkit/*' --exclude-files '*/tests/*' --follow-exec --no-fail-fast --timeout 600 \
        --target-dir target/tarpaulin --skip-clean --out Lcov --output-dir target/coverage
    tests/coverage target/coverage/lcov.info

# Measure everything and write docs/benchmarks.md, or one scenario: `just bench me`. `just bench --help` names them.
bench *ARGS:
    tests/bench/run {{ ARGS }}

# Build the container image.
docker TAG="doorward":
    docker build --tag {{ TAG }} .
