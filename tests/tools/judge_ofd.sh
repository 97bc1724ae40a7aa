#!/usr/bin/env bash
# Independent judges of sealed OFD files: the ofdrw crate (another implementation, built apart) and OpenSSL; then twins
# with one thing changed, which both must refuse. Prints a line per check; the last line counts.
#
#   judge_ofd.sh FOLDER VENV
#
# Every FOLDER/*.ofd but *-unsealed.ofd is judged; pages are drawn into FOLDER/pictures, to be looked at beside the PDF.
# Building the checker takes some minutes the first time; OFD_CHECKER_TARGET says where it is kept.
set -uo pipefail
folder=$1 venv=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/checks.sh"

target=${OFD_CHECKER_TARGET:-${CARGO_TARGET_DIR:-$here/../../target}}
cargo build --locked --manifest-path "$here/ofd-checker/Cargo.toml" --target-dir "$target" || exit 1
ofdrw="$target/debug/ofd-checker"
openssl_alone() { "$venv/bin/python" "$here/ofd_check.py" "$1"; }
shows() { "$ofdrw" "$1" >"$work/text" && grep -q -- "$2" "$work/text"; }

shopt -s nullglob
mkdir -p "$folder/pictures"
count=0
for file in "$folder"/*.ofd; do
  name=$(basename "$file" .ofd)
  case "$name" in *-unsealed) continue ;; esac
  count=$((count + 1))
  check "$name: ofdrw: every check it has, pages drawn" "$ofdrw" "$file" "$folder/pictures/$name"
  check "$name: ofdrw: text can be taken out" shows "$file" '电子证照标识'
  check "$name: OpenSSL alone: digests, SM2 values, nothing left out" openssl_alone "$file"
  case "$name" in business-license | two-seals | together-3) ;; *) continue ;; esac
  for change in page metadata stamp picture torn; do
    twin="$work/twin.ofd"
    check "$name, $change changed: the twin is made" "$venv/bin/python" "$here/twin_ofd.py" "$file" "$twin" "$change"
    check "$name, $change changed: refused by ofdrw" not "$ofdrw" "$twin"
    check "$name, $change changed: refused with OpenSSL" not openssl_alone "$twin"
  done
done
[ "$count" -ge 6 ] || { echo "FAIL  expected at least six sealed OFD files in $folder"; failed=$((failed + 1)); }
counted
