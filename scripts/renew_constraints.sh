#!/bin/bash
# Writes the newest versions that fit together into constraints.txt: without this file to hold them.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
PIP_CONSTRAINT='' "$work/venv/bin/pip" install --quiet '.[dev]' hatchling editables
{
  sed -n '/^#/p' constraints.txt
  "$work/venv/bin/pip" freeze | grep -v '^tidings' | sort -f
} > "$work/constraints.txt"
cp "$work/constraints.txt" constraints.txt
