#!/usr/bin/env bash
# Installs the independent tools the tests use: poppler, OpenSSL, xmllint, zbar, qpdf, Chromium, PostgreSQL from the system's
# packages; pyHanko, schemathesis, standardwebhooks, readers of COSE, status lists and pictures of codes into the virtual environment
# named by the first argument.
set -euo pipefail
venv=${1:?the virtual environment\'s folder}

packages=(poppler-utils qpdf zbar-tools openssl libxml2-utils chromium ffmpeg postgresql python3-venv fonts-noto-cjk)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v cargo-nextest >/dev/null; then
  echo "cargo-nextest is not installed: the tests run with cargo test"
fi

wanted=$(sha256sum tests/tools/requirements.txt | cut -d' ' -f1)
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ]; then
  echo "installing $(grep -c '==' tests/tools/requirements.txt) Python packages into $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/tools/requirements.txt
  echo "$wanted" > "$venv/installed"
fi
