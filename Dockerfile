# One static binary in an empty image: no shell, no libraries, and certificate authorities compiled in.
#   docker build --tag doorward .
#   docker run --publish 8000:8000 --volume doorward:/var/lib/doorward --env DOORWARD_HTTP__PUBLIC_URL=https://accounts.example doorward
# The first start prints the admin's e-mail and password. docs/deploy/ has a compose file with all that Doorward can use.

FROM rust:1.95-bookworm AS build
# The toolchain of the image, whatever rust-toolchain.toml would fetch.
ENV RUSTUP_TOOLCHAIN=${RUST_VERSION}
# Versions come with the image: a pinned one would be gone with the next security update.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends musl-tools cmake make \
    && rustup target add "$(uname -m)-unknown-linux-musl"
# jemalloc returns freed memory after one second instead of ten (docs/dependencies.md, "The allocator").
ENV JEMALLOC_SYS_WITH_MALLOC_CONF=dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2
WORKDIR /source
COPY . .
RUN target="$(uname -m)-unknown-linux-musl" \
    && cargo build --release --locked --package doorward --features jemalloc --target "$target" \
    && install -D "target/$target/release/doorward" /image/doorward \
    && mkdir /image/empty

FROM scratch
COPY --from=build /image/doorward /usr/local/bin/doorward
COPY --from=build --chown=65532:65532 /image/empty/ /var/lib/doorward/
USER 65532:65532
WORKDIR /var/lib/doorward
# The SQLite database and the keys, in ./data.
VOLUME /var/lib/doorward
# Beyond loopback the service must be told its public address: DOORWARD_HTTP__PUBLIC_URL.
ENV DOORWARD_HTTP__BIND=0.0.0.0:8000
EXPOSE 8000
# An orchestrator that asks by HTTP itself takes /health/live and /health/ready.
HEALTHCHECK --interval=10s --timeout=12s --start-period=30s CMD ["/usr/local/bin/doorward", "doctor", "--server"]
ENTRYPOINT ["/usr/local/bin/doorward"]
CMD ["serve"]
