# Debian, because every wheel we need exists for it on both machines; its Python is 3.13.
ARG BUILD_FROM=ghcr.io/home-assistant/base-debian:trixie

# --- The browser's parts: player, font, icons ------------------------------------------------------------------------
# hadolint ignore=DL3006
FROM ${BUILD_FROM} AS parts
RUN apt-get update && apt-get install --yes --no-install-recommends nodejs npm
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY script/vendor script/parts.mjs script/
COPY osmose_addon/interfaces/http/panel/icons.txt osmose_addon/interfaces/http/panel/
RUN script/vendor

# --- Python packages by lock file, then Osmose itself ----------------------------------------------------------------
# hadolint ignore=DL3006
FROM ${BUILD_FROM} AS packages
RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-venv
WORKDIR /src
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN python3 -m venv /opt/osmose \
    && /opt/osmose/bin/pip install --no-cache-dir --require-hashes --requirement requirements/runtime.txt \
    && python3 -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes --requirement requirements/build.txt
COPY . .
COPY --from=parts /src/osmose_addon/interfaces/http/panel/static/vendor osmose_addon/interfaces/http/panel/static/vendor
RUN /opt/build/bin/hatchling build --target wheel --directory /tmp/wheel \
    && /opt/osmose/bin/pip install --no-cache-dir --no-index --no-deps /tmp/wheel/*.whl

# --- What is shipped -------------------------------------------------------------------------------------------------
# hadolint ignore=DL3006
FROM ${BUILD_FROM}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl python3 tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages /opt/osmose /opt/osmose
COPY rootfs /

ARG BUILD_VERSION
LABEL \
    io.hass.name="Osmose" \
    io.hass.description="Films and cameras of your household on every screen" \
    io.hass.type="app" \
    io.hass.arch="aarch64|amd64" \
    io.hass.version="${BUILD_VERSION}" \
    io.hass.url="https://github.com/osmose-addon/osmose" \
    org.opencontainers.image.title="Osmose" \
    org.opencontainers.image.description="Films and cameras of your household on every screen" \
    org.opencontainers.image.licenses="Apache-2.0 AND GPL-3.0-or-later" \
    org.opencontainers.image.url="https://github.com/osmose-addon/osmose" \
    org.opencontainers.image.source="https://github.com/osmose-addon/osmose" \
    org.opencontainers.image.version="${BUILD_VERSION}"

# Healthy means that our own loop answers, never that every camera does.
HEALTHCHECK --start-period=60s --start-interval=2s --interval=30s --timeout=5s --retries=3 \
    CMD curl --fail --silent --show-error --output /dev/null http://127.0.0.1:8099/health
