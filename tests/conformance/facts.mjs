// Prints one line for each fact, and counts those that are not so.
let failed = 0;

export function check(fact, isSo, detail = "") {
  console.log(isSo ? `ok   ${fact}` : `FAIL ${fact}: ${String(detail).slice(0, 400)}`);
  failed += isSo ? 0 : 1;
}

export function finish() {
  process.exit(failed ? 1 : 0);
}
