#!/usr/bin/env bash
# Independent judges of the documents that the stories sealed: pdfsig and qpdf (PDF), the ofdrw crate and OpenSSL (OFD),
# cryptography of PyPI and OpenSSL (JSON Web Signatures);
# then twins with one byte changed, which they must refuse. Prints a line per check; the last line counts.
#
#   judge_documents.sh FOLDER VENV OFD_CHECKER
set -uo pipefail
folder=$1 venv=$2 ofdrw=$3
here=$(cd "$(dirname "$0")" && pwd)
. "$here/checks.sh"

pdfsig_agrees() {
  pdfsig -nocert "$1" 2>/dev/null | tee "$work/said" >&2
  local seals; seals=$(grep -c '^Signature #' "$work/said")
  [ "$seals" -ge 1 ] && [ "$(grep -c 'Signature is Valid' "$work/said")" = "$seals" ] && grep -q 'Total document signed' "$work/said"
}
pdfsig_refuses() { ! pdfsig_agrees "$1"; }
openssl_alone() { "$venv/bin/python" "$here/ofd_check.py" "$1"; }

shopt -s nullglob
mkdir -p "$folder/pictures"
count=0
for file in "$folder"/*.pdf; do
  name=$(basename "$file") count=$((count + 1))
  check "$name: pdfsig: every seal valid, the whole file signed" pdfsig_agrees "$file"
  check "$name: qpdf --check" qpdf --check "$file"
  "$venv/bin/python" "$here/flip.py" "$file" "$work/twin.pdf" $(($(stat -c %s "$file") / 4))
  check "$name: a byte changed: refused by pdfsig" pdfsig_refuses "$work/twin.pdf"
  pdftoppm -r 50 -png "$file" "$folder/pictures/$name"
done
for file in "$folder"/*.ofd; do
  name=$(basename "$file" .ofd) count=$((count + 1))
  check "$name: ofdrw: every check it has, pages drawn" "$ofdrw" "$file" "$folder/pictures/$name"
  check "$name: OpenSSL alone: digests, SM2 values, nothing left out" openssl_alone "$file"
  "$venv/bin/python" "$here/twin_ofd.py" "$file" "$work/twin.ofd" page
  check "$name, page changed: refused by ofdrw" not "$ofdrw" "$work/twin.ofd"
  check "$name, page changed: refused with OpenSSL" not openssl_alone "$work/twin.ofd"
done
for file in "$folder"/*.jws; do
  name=$(basename "$file") count=$((count + 1))
  check "$name: signature by cryptography, chain by OpenSSL" "$venv/bin/python" "$here/jws_check.py" "$file" "$file.roots.pem"
  "$venv/bin/python" "$here/flip.py" "$file" "$work/twin.jws" $(($(stat -c %s "$file") / 2))
  check "$name: a byte changed: refused" not "$venv/bin/python" "$here/jws_check.py" "$work/twin.jws" "$file.roots.pem"
done
[ "$count" -ge 8 ] || { echo "FAIL  expected at least eight sealed documents in $folder"; failed=$((failed + 1)); }
counted
