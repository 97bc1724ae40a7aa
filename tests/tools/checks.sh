# What the judges share: a line per check, a folder to work in, and the count. Sourced, not run.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() { # check "what" command…
  local what=$1; shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1)); echo "ok    $what"
  else
    failed=$((failed + 1)); echo "FAIL  $what"; sed 's/^/      /' "$work/log" | tail -n 15
  fi
}
not() { ! "$@"; }

# What `yinzheng verify` ($bin) says of a file by the roots that lie beside it ($dir).
we_say() { # we_say EXIT FILE
  local want=$1 got=0
  "$bin" verify "$2" --trust "$dir/roots.pem" || got=$?
  [ "$got" = "$want" ]
}
# Judged and not passed: failed (1) or indeterminate (3). Anything else, a crash too, is no refusal.
refused_by_us() {
  local got=0
  "$bin" verify "$1" --trust "$dir/roots.pem" || got=$?
  [ "$got" = 1 ] || [ "$got" = 3 ]
}

# The last line; its status is the judge's.
counted() {
  echo
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
