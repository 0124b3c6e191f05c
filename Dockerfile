# The whole server is one binary; the page at / and the migrations are in it. No Node is needed here: ide/dist is committed.
# It is built by BuildKit, which every docker of today uses (one of before 23 with DOCKER_BUILDKIT=1).

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin entente \
    && cp target/release/entente /entente \
    && mkdir /data

# glibc, libgcc, certificates of public authorities and time zones; no shell, no package manager. It runs as user 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /entente /usr/local/bin/entente
COPY --from=build /src/LICENSE-MIT /src/LICENSE-APACHE /src/ide/dist/LICENSES.txt /usr/share/doc/entente/
# Where SQLite's file is, unless ENTENTE_DATABASE_URL names another: for a volume, which takes the owner that the folder has here.
COPY --from=build --chown=65532:65532 /data /var/lib/entente
WORKDIR /var/lib/entente
# IPv6, and IPv4 too.
ENV ENTENTE_LISTEN=[::]:8080
EXPOSE 8080
# May it take requests? There is no shell and no curl in here: the program asks itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 CMD ["/usr/local/bin/entente", "health"]
# It drains on SIGTERM within 20 s.
STOPSIGNAL SIGTERM
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/entente"]
CMD ["serve"]
