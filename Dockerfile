# syntax=docker/dockerfile:1
# The whole server is one binary; the page at / and the migrations are in it. No Node is needed here: ide/dist is committed.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin entente \
    && cp target/release/entente /entente

# glibc, libgcc, certificates of public authorities and time zones; no shell, no package manager. It runs as user 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /entente /usr/local/bin/entente
COPY --from=build /src/LICENSE-MIT /src/LICENSE-APACHE /src/ide/dist/LICENSES.txt /usr/share/doc/entente/
ENV ENTENTE_LISTEN=0.0.0.0:8080
EXPOSE 8080
# No HEALTHCHECK: whoever runs it asks /readyz (may this replica take requests?) and /healthz (is it alive?).
# It drains on SIGTERM within 15 s.
STOPSIGNAL SIGTERM
USER nonroot
ENTRYPOINT ["/usr/local/bin/entente"]
CMD ["serve"]
