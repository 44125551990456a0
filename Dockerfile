# syntax=docker/dockerfile:1

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
# FEATURES=database-tls for a PostgreSQL on another machine.
ARG FEATURES=""
# The caches outlive the layer: a rebuild compiles only what changed. The binary is copied out
# because the target folder is not part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --features "$FEATURES" \
    && cp target/release/hailong /usr/local/bin/hailong

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin hailong \
    && install -d -o hailong -g hailong -m 0700 /data
COPY --from=build /usr/local/bin/hailong /usr/local/bin/hailong
USER hailong
# The defaults data/hailong.db and data/secret are relative: from here they lie in the volume.
WORKDIR /
VOLUME /data
ENV HAILONG_BIND=0.0.0.0:8080
EXPOSE 8080
# The image has no curl; the binary asks its own /readyz.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["hailong", "healthcheck"]
ENTRYPOINT ["hailong"]
CMD ["serve"]
