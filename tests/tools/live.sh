#!/usr/bin/env bash
# Starts the demo service on a free port over a fresh folder, drives its pages in headless Chromium, throws schemathesis
# at its whole API, and stops it. PART is `stories`, one half of them (`counter`, `elsewhere`) or `api`; stories and API
# without it. PART `frames` counts instead how many hard camera frames of its codes are read (hard_frames.py; some minutes).
#
#   live.sh BINARY OUT VENV [PART]
set -uo pipefail
bin=$(realpath "$1") out=$2 venv=$(realpath "$3") part=${4:-both}
here=$(realpath "$(dirname "$0")")
rm -rf "$out"; mkdir -p "$out"; out=$(realpath "$out")
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port

"$bin" demo --data "$out/data" --listen "127.0.0.1:$port" --tokens "$out/tokens.json" >"$out/service.log" 2>&1 &
service=$!
trap 'kill -INT $service 2>/dev/null; wait $service 2>/dev/null' EXIT
for _ in $(seq 600); do
  curl -fsS "$base/readyz" >/dev/null 2>&1 && [ -s "$out/tokens.json" ] && break
  kill -0 $service 2>/dev/null || break
  read -rt 0.2 <> <(:) || true
done
if ! curl -fsS "$base/readyz" >/dev/null; then echo "the service did not start:"; tail -n 30 "$out/service.log"; exit 1; fi

status=0
stories() {
  echo "-- browser stories: $1"
  "$venv/bin/python" "$here/../browser/stories.py" --base "$base" --tokens "$out/tokens.json" --out "$out/screens" --half "$1" || status=1
}
api() {
  echo "-- schemathesis"
  "$venv/bin/python" "$here/fuzz_api.py" --base "$base" --tokens "$out/tokens.json" --out "$out/api" || status=1
}
case $part in
  frames) "$venv/bin/python" "$here/hard_frames.py" --base "$base" --tokens "$out/tokens.json" --out "$out" || status=1 ;;
  counter | elsewhere) stories "$part" ;;
  stories) stories all ;;
  api) api ;;
  both) stories all; api ;;
  *) echo "there is no part $part"; status=1 ;;
esac

if ! kill -0 $service 2>/dev/null; then echo "the service died:"; tail -n 30 "$out/service.log"; status=1; fi
if grep -qi 'panicked' "$out/service.log"; then echo "the service panicked:"; grep -i -A5 panicked "$out/service.log"; status=1; fi
kill -INT $service; wait $service; code=$?
trap - EXIT
if [ $code != 0 ]; then echo "Ctrl-C did not stop the service cleanly (exit $code)"; status=1; fi
exit $status
