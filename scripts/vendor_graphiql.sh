#!/bin/bash
# Renews the vendored files of the GraphiQL page from npm. Versions after 4 come without a file that
# a page can load as it is, and React after 18 too.
set -euo pipefail
cd "$(dirname "$0")/../app/graphiql/files"
graphiql=4.1.2
react=18.3.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

take() { # PACKAGE VERSION PATH FILE
  local archive="$work/$1-$2.tgz"
  [ -f "$archive" ] || npm pack --silent --pack-destination "$work" "$1@$2" >/dev/null
  tar -xzOf "$archive" "package/$3" | sed '/^\/\/# sourceMappingURL=/d' > "$4"
}

take graphiql "$graphiql" graphiql.min.js graphiql.min.js
take graphiql "$graphiql" graphiql.min.css graphiql.min.css
take graphiql "$graphiql" LICENSE graphiql.LICENSE
take react "$react" umd/react.production.min.js react.production.min.js
take react "$react" LICENSE react.LICENSE
take react-dom "$react" umd/react-dom.production.min.js react-dom.production.min.js
echo "Vendored GraphiQL $graphiql and React $react: write the versions into NOTICE.md."
