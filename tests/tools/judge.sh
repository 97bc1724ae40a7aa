#!/usr/bin/env bash
# Independent judges of what `yinzheng demo --once DIR` left: pdfsig, OpenSSL, qpdf, pdftotext, zbar, pyHanko;
# then twins with one byte changed, which they and we must refuse. Prints a line per check; the last line counts.
#
#   judge.sh BINARY DIR VENV
set -uo pipefail
bin=$1 dir=$2 venv=$3
here=$(dirname "$0")
. "$here/checks.sh"

openssl x509 -in "$dir/roots.pem" -out "$work/root.pem"

# pdfsig judges digest, signature and reach. Whom it trusts, it asks of NSS for the use of signing e-mail, which
# certificates of seals do not permit (their one extended key usage is document signing, RFC 9336); trust is judged by
# OpenSSL and pyHanko below.
pdfsig_says() { pdfsig -nocert "$1" 2>/dev/null; }
pdfsig_agrees() { pdfsig_says "$1" | tee /dev/stderr | grep -q 'Signature is Valid' \
  && pdfsig_says "$1" | grep -q 'Total document signed'; }
pdfsig_refuses() { ! pdfsig_says "$1" | grep -q 'Signature is Valid'; }

# Cuts the signed ranges and the CMS out of a PDF without any of our code.
cut_out() { "$venv/bin/python" "$here/cut_pdf.py" "$1" "$work/content" "$work/cms.der" "$work/token.der"  "$work/signature"; }
openssl_verifies() {
  cut_out "$1" && openssl cms -verify -cades -inform DER -in "$work/cms.der" -content "$work/content" -binary \
    -CAfile "$work/root.pem" -purpose any -out /dev/null
}
openssl_verifies_token() {
  cut_out "$1" && openssl ts -verify -token_in -in "$work/token.der" -data "$work/signature" -CAfile "$work/root.pem"
}
# The CMS must still be there to be cut out: what OpenSSL refuses is the content, not the lack of a file.
openssl_refuses() {
  rm -f "$work/content" "$work/cms.der"
  cut_out "$1" && openssl asn1parse -inform DER -in "$work/cms.der" -noout || return 1
  ! openssl cms -verify -cades -inform DER -in "$work/cms.der" -content "$work/content" -binary \
    -CAfile "$work/root.pem" -purpose any -out /dev/null
}

shopt -s nullglob
pdfs=("$dir"/*.pdf)
if [ ${#pdfs[@]} -lt 6 ]; then echo "FAIL  expected at least six PDFs in $dir"; exit 1; fi
for pdf in "${pdfs[@]}"; do
  name=$(basename "$pdf")
  check "$name: pdfsig: intact, signed as a whole" pdfsig_agrees "$pdf"
  check "$name: openssl cms -verify -cades" openssl_verifies "$pdf"
  check "$name: openssl ts -verify" openssl_verifies_token "$pdf"
  check "$name: qpdf --check" qpdf --check "$pdf"
  check "$name: pyHanko: trusted, intact, timestamp, B-LT, nothing after" \
    "$venv/bin/python" "$here/pyhanko_check.py" "$pdf" "$work/root.pem" --expect passed
  check "$name: the report of the service says passed" grep -q '"passed"' "$dir/reports/${name%.pdf}.json"
  check "$name: yinzheng verify, offline" we_say 0 "$pdf"

  # What a person sees: the text can be selected, the printed code can be scanned from the rendered page.
  check "$name: pdftotext finds the identifier" sh -c "pdftotext '$pdf' - | tr -d ' \n' | grep -q '1.2.156.3005.2'"
  pdftoppm -r 200 -png "$pdf" "$work/page"
  check "$name: zbar reads the printed code" sh -c "zbarimg --quiet --raw '$work'/page*.png | grep -q '/c/1.2.156.3005.2'"
  check "$name: every font is embedded" sh -c "! pdffonts '$pdf' | tail -n +3 | awk '{ print \$(NF-4) }' | grep -qv yes"
  rm -f "$work"/page*.png

  # Twins: one byte changed in the first tenth, the middle, just before the end; one byte added; cut short.
  size=$(stat -c %s "$pdf")
  for at in $((size / 10)) $((size * 45 / 100)) $((size - 20)); do
    "$venv/bin/python" "$here/flip.py" "$pdf" "$work/twin.pdf" "$at"
    check "$name: byte $at changed: refused by us" refused_by_us "$work/twin.pdf"
    check "$name: byte $at changed: refused by pdfsig" pdfsig_refuses "$work/twin.pdf"
    check "$name: byte $at changed: refused by pyHanko" \
      "$venv/bin/python" "$here/pyhanko_check.py" "$work/twin.pdf" "$work/root.pem" --expect refused
  done
  "$venv/bin/python" "$here/flip.py" "$pdf" "$work/twin.pdf" $((size / 10))
  check "$name: byte $((size / 10)) changed: refused by openssl cms -verify" openssl_refuses "$work/twin.pdf"
  { cat "$pdf"; echo; } > "$work/longer.pdf"
  check "$name: a line added at the end: refused by us" refused_by_us "$work/longer.pdf"
  head -c $((size - 200)) "$pdf" > "$work/short.pdf"
  check "$name: cut short: refused by us" refused_by_us "$work/short.pdf"
done

for code in "$dir"/codes/*.png; do
  check "$(basename "$code"): zbar reads 27 digits" sh -c "zbarimg --quiet --raw '$code' | grep -qE '^71[0-9]{25}$'"
done

counted
