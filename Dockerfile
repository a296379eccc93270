# docker build --target hub -t act-hub .            the hub
# docker build --target watcher -t act-watcher .    the file watcher
# The tag is exact; who wants the very bytes too gives NODE_IMAGE with the digest that his registry shows for it:
# --build-arg NODE_IMAGE=node:26.10.0-slim@sha256:…
ARG NODE_IMAGE=node:26.10.0-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY . .
# Installs what the lock file names (npm ci), compiles, and puts together what runs.
RUN node scripts/production-tree.mjs /app

FROM ${NODE_IMAGE} AS base
# The user has no entry in passwd, and so no home of its own.
ENV NODE_ENV=production HOME=/tmp
COPY --from=build /app /app
RUN ln -s /app/packages/cli/dist/bundled/main.js /usr/local/bin/act \
  && install --directory --owner=10001 --group=10001 /var/lib/act
# A number, so that Kubernetes sees that it is not root.
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["node", "/app/packages/cli/dist/bundled/main.js"]

FROM base AS watcher
USER 0:0
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends git \
  && rm -rf /var/lib/apt/lists/* \
  # The worktree is its user's, who is not this one: git would not look at it.
  && git config --system --add safe.directory /watched
USER 10001:10001
WORKDIR /watched
CMD ["watch"]

FROM base AS hub
# The one address that reaches a container. The hub does not start on it unless told how calls are kept from being
# read on the way: ACT_TLS_CERT and ACT_TLS_KEY, or ACT_TLS_TERMINATED=1 (docs/deploy.md).
ENV ACT_HOST=0.0.0.0 ACT_PORT=3000
EXPOSE 3000 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node", "/app/deploy/health.mjs"]
CMD ["up"]
