#!/bin/bash
# build.sh: is what is committed under app/page what the sources in page/ give? And the stories of its lists.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/schema.graphql" "$work"
tar -C "$root" --exclude node_modules -c page | tar -C "$work" -x
cd "$work/page"
npm ci --silent
npm run --silent build >/dev/null
npm run --silent test
same=0
diff -rq "$work/app/page/files" "$root/app/page/files" || same=1
diff -q "$work/app/page/documents.json" "$root/app/page/documents.json" || same=1
diff -q src/generated.ts "$root/page/src/generated.ts" || same=1
if [ $same = 1 ]; then
  echo "FAIL the build of the page is not what its sources give: run make page, and commit it"
  exit 1
fi
echo "ok   the build of the page is what its sources give"
