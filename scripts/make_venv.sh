#!/bin/bash
# make_venv.sh PYTHON: makes .venv. Debian keeps Python's venv in a package of its own, which is
# installed where it is missing and we may.
set -euo pipefail
python=$1
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Tidings needs Python 3.11 or later; name one with: make PYTHON=python3.11 ..." >&2
  exit 1
}
echo "Making .venv with $("$python" --version) ..."
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python3-venv ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
  else
    echo "This Python has no ensurepip: install your system's python3-venv first." >&2
    exit 1
  fi
fi
"$python" -m venv .venv
