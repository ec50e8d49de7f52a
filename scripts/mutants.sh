#!/bin/bash
# Changes one line after another of a module and says which changes no test notices.
# Usage: scripts/mutants.sh MODULE.py TESTS...   It works on a copy, so that nothing here changes.
set -euo pipefail
cd "$(dirname "$0")/.."
module=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet . "$work/copy"
cd "$work/copy"
make --silent .venv/dev
.venv/bin/pip install --quiet cosmic-ray
cat > mutants.toml <<TOML
[cosmic-ray]
module-path = "$module"
timeout = 20.0
excluded-modules = []
test-command = ".venv/bin/pytest -q -x -p no:cacheprovider --no-header $*"
[cosmic-ray.distributor]
name = "local"
TOML
.venv/bin/pytest -q -x "$@"
.venv/bin/cosmic-ray init mutants.toml mutants.sqlite
.venv/bin/cosmic-ray exec mutants.toml mutants.sqlite
.venv/bin/cr-report --show-diff --surviving-only mutants.sqlite
