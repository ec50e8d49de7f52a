#!/bin/bash
# run.sh: judges written elsewhere, against a gateway over the sandbox. They need Node 20 or later.
set -euo pipefail
cd "$(dirname "$0")"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || {
  echo "The conformance run needs Node 20 or later." >&2
  exit 1
}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url="http://127.0.0.1:$port/graphql"
../../.venv/bin/tidings serve --demo --port "$port" >/dev/null &
gateway=$!
trap 'kill "$gateway" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  node -e "fetch('$url?query={__typename}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))" && break
  sleep 0.1
done

echo "Relay: relay-compiler, then relay-runtime pages to the end and dismisses ..."
(
  cd relay
  npm ci --silent
  mkdir -p src/__generated__
  npx relay-compiler >compile.log 2>&1 || { cat compile.log; exit 1; }
  node run.mjs "$url"
)
