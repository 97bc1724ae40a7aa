#!/usr/bin/env bash
# Independent judges of the OFD files that `yinzheng demo --once DIR` left: the ofdrw crate (structure, digests, seal and
# signature, drawing), OpenSSL (every SM2 value), zbar (the code on the drawn page); then twins that they and we must
# refuse. Prints a line per check; the last line counts.
#
#   judge_demo_ofd.sh BINARY DIR VENV CHECKER
set -uo pipefail
bin=$1 dir=$2 venv=$3 checker=$4
here=$(dirname "$0")
. "$here/checks.sh"

ofdrw_refuses() { local got=0; "$checker" "$1" || got=$?; [ "$got" = 1 ] || [ "$got" = 2 ]; }

id=distid:1234567812345678
openssl_agrees() { # openssl_agrees NAME: the signature over NAME.tbs is that of the key in NAME.pem
  openssl x509 -in "$work/$1.pem" -pubkey -noout > "$work/$1.pub" \
    && openssl pkeyutl -verify -pubin -inkey "$work/$1.pub" -rawin -in "$work/$1.tbs" -sigfile "$work/$1.sig" \
      -digest sm3 -pkeyopt "$id"
}
openssl_refuses_twin() { # the same with the last byte of what is signed changed
  "$venv/bin/python" "$here/flip.py" "$work/$1.tbs" "$work/twin.tbs" "$(($(stat -c %s "$work/$1.tbs") - 1))" \
    && ! openssl pkeyutl -verify -pubin -inkey "$work/$1.pub" -rawin -in "$work/twin.tbs" -sigfile "$work/$1.sig" \
      -digest sm3 -pkeyopt "$id"
}
# OpenSSL 3.0 takes the user identifier for the leaf only, so each link is asked for by itself.
issued_by_ours() {
  for issuer in "$work"/issuer-*.pem; do
    openssl verify -vfyopt "$id" -partial_chain -trusted "$issuer" -purpose any "$work/$1.pem" && return 0
  done
  return 1
}

shopt -s nullglob
files=("$dir"/*.ofd)
if [ ${#files[@]} -lt 2 ]; then echo "FAIL  expected at least two OFD files in $dir"; exit 1; fi
for ofd in "${files[@]}"; do
  name=$(basename "$ofd")
  check "$name: ofdrw: every digest, the seal and the signature" "$checker" "$ofd" "$work/page" 200
  check "$name: ofdrw drew a page, and zbar reads the code on it" \
    sh -c "zbarimg --quiet --raw '$work/page-1.png' | grep -q '/c/1.2.156.3005.2'"
  check "$name: cut apart" "$venv/bin/python" "$here/cut_ofd.py" "$ofd" "$work"
  for what in seal maker token; do
    check "$name: openssl: the signature of the $what" openssl_agrees $what
    check "$name: openssl: one byte changed in what the $what signed is refused" openssl_refuses_twin $what
    check "$name: openssl: the X.509 certificate of the $what is of our authorities" issued_by_ours $what
  done
  check "$name: the report of the service says passed" grep -q '"passed"' "$dir/reports/${name%.ofd}.ofd.json"
  check "$name: yinzheng verify, offline" we_say 0 "$ofd"
  "$venv/bin/python" "$here/twin_ofd.py" "$ofd" "$work/twin.ofd" repacked
  check "$name: packed anew: still good to ofdrw" "$checker" "$work/twin.ofd"
  check "$name: packed anew: still good to us" we_say 0 "$work/twin.ofd"
  for twin in page metadata data stamp seal picture value added torn cut; do
    "$venv/bin/python" "$here/twin_ofd.py" "$ofd" "$work/twin.ofd" $twin
    check "$name: $twin: refused by us" refused_by_us "$work/twin.ofd"
  done
  # What ofdrw looks at; added parts and cut seals it does not see.
  for twin in page metadata data stamp seal picture value torn; do
    "$venv/bin/python" "$here/twin_ofd.py" "$ofd" "$work/twin.ofd" $twin
    check "$name: $twin: refused by ofdrw" ofdrw_refuses "$work/twin.ofd"
  done
done
counted
