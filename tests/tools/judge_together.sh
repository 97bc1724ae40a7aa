#!/usr/bin/env bash
# Independent judges of the files that 1, 2, 3 and 12 parties sealed through envelopes (the story `sealed_together` leaves
# them): pdfsig, qpdf and pyHanko for PDF, the ofdrw crate and OpenSSL for OFD. Then each with its last seal taken off: the
# seals that are left are good to all of them, and only we, who know whom to expect, say that one is missing. Prints a line
# per check; the last line counts.
#
#   judge_together.sh BINARY DIR VENV CHECKER
set -uo pipefail
bin=$1 dir=$2 venv=$3 checker=$4
here=$(dirname "$0")
. "$here/checks.sh"

openssl x509 -in "$dir/roots.pem" -out "$work/root.pem"
python() { "$venv/bin/python" "$here/$1.py" "${@:2}"; }

pdfsig_counts() { # pdfsig_counts FILE SEALS WHOLE: so many are valid, and so many sign the file as a whole
  local said; said=$(pdfsig -nocert "$1" 2>/dev/null); echo "$said"
  [ "$(grep -c 'Signature is Valid' <<<"$said")" = "$2" ] && [ "$(grep -c 'Total document signed' <<<"$said")" = "$3" ]
}
pyhanko() { python pyhanko_check "$1" "$work/root.pem" --expect "$3" --seals "$2"; }
ofd_counts() { # ofd_counts FILE SEALS: OpenSSL alone finds so many and nothing wrong
  local said; said=$(python ofd_check "$1") || { echo "$said"; return 1; }
  [ "$(grep -c '^signature ' <<<"$said")" = "$2" ]
}
ofdrw_counts() { # ofdrw_counts FILE SEALS
  local said; said=$("$checker" "$1") || { echo "$said"; return 1; }
  [ "$(grep -c '^signature ' <<<"$said")" = "$2" ]
}
ofdrw_refuses() { local got=0; "$checker" "$1" || got=$?; [ "$got" = 1 ] || [ "$got" = 2 ]; }
lacks_a_signer() { # refused by us, for that reason
  local said; said=$("$bin" verify "$1" --trust "$dir/roots.pem" --json); local got=$?; echo "$said"
  [ $got = 1 ] || [ $got = 3 ] || return 1
  grep -q '"signers.missing"' <<<"$said"
}

for count in 1 2 3 12; do
  pdf=$dir/$count.pdf ofd=$dir/$count.ofd left=$((count - 1))
  check "$count.pdf: pdfsig: every seal intact, the last over all" pdfsig_counts "$pdf" $count 1
  check "$count.pdf: pyHanko: each trusted, intact, timestamp, B-LT, in a revision of its own" pyhanko "$pdf" $count passed
  check "$count.pdf: qpdf --check" qpdf --check "$pdf"
  check "$count.pdf: yinzheng verify, offline" we_say 0 "$pdf"
  check "$count.ofd: ofdrw: every digest, seal and signature" ofdrw_counts "$ofd" $count
  check "$count.ofd: OpenSSL alone: digests, SM2 values, nothing left out" ofd_counts "$ofd" $count
  check "$count.ofd: yinzheng verify, offline" we_say 0 "$ofd"
  # A byte of what the first seal covers: nobody passes it.
  python flip "$pdf" "$work/twin.pdf" $(($(head -c 200000 "$pdf" | wc -c) / 10))
  check "$count.pdf, a byte changed: refused by pyHanko" pyhanko "$work/twin.pdf" $count refused
  check "$count.pdf, a byte changed: refused by us" refused_by_us "$work/twin.pdf"
  python twin_ofd "$ofd" "$work/twin.ofd" page
  check "$count.ofd, a character changed: refused by ofdrw" ofdrw_refuses "$work/twin.ofd"
  check "$count.ofd, a character changed: refused with OpenSSL" not python ofd_check "$work/twin.ofd"
  check "$count.ofd, a character changed: refused by us" refused_by_us "$work/twin.ofd"
  [ $count = 1 ] && continue
  check "$count.pdf: its last seal is taken off" python drop_seal "$pdf" "$work/cut.pdf"
  check "$count.pdf, cut: pdfsig: those that are left are intact" pdfsig_counts "$work/cut.pdf" $left 1
  check "$count.pdf, cut: pyHanko: those that are left are good" pyhanko "$work/cut.pdf" $left passed
  check "$count.pdf, cut: we miss a signer" lacks_a_signer "$work/cut.pdf"
  check "$count.ofd: its last seal is taken off" python drop_seal "$ofd" "$work/cut.ofd"
  check "$count.ofd, cut: ofdrw: those that are left are good" ofdrw_counts "$work/cut.ofd" $left
  check "$count.ofd, cut: OpenSSL: those that are left are good" ofd_counts "$work/cut.ofd" $left
  check "$count.ofd, cut: we miss a signer" lacks_a_signer "$work/cut.ofd"
done
counted
