#!/usr/bin/env bash
# Runs every fuzz target, one after another, each on one core; fails loudly if one finds something.
#
#   fuzz/run.sh                 ten minutes a target
#   fuzz/run.sh 60              sixty seconds a target
#   fuzz/run.sh 600 ofd_xml     ten minutes of one target; more may be named
#
# Asked of the machine: a C++ compiler and `cargo install cargo-fuzz`. The instruments are a matter of the unstable
# compiler; RUSTC_BOOTSTRAP lets the stable one have them. What is found stands in fuzz/artifacts; what the fuzzers learn
# on the way stays in fuzz/work and is used again, and fuzz/corpus stays as it is.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-600}
shift || true
targets=("$@")
export RUSTC_BOOTSTRAP=1
command -v cargo-fuzz >/dev/null || { echo "cargo-fuzz is not installed: cargo install cargo-fuzz" >&2; exit 2; }
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list --fuzz-dir .)

cargo fuzz build --fuzz-dir .
failed=()
for target in "${targets[@]}"; do
  printf '\n== %s, %s seconds\n' "$target" "$seconds"
  seeds=(corpus/"$target")
  [ -d regressions/"$target" ] && seeds+=(regressions/"$target")
  # Samples of another implementation, which are not copied here.
  case $target in esl | ses_signature | ofd_package) seeds+=(../tests/data/ofd) ;; esac
  options=(-max_total_time="$seconds" -rss_limit_mb=1024 -malloc_limit_mb=512 -timeout=25 -report_slow_units=1
    -max_len=65536 -print_final_stats=1)
  dictionary=dictionaries/$target.dict
  [ -f "$dictionary" ] && options+=(-dict="$dictionary")
  mkdir -p work/"$target"
  nice -n 10 cargo fuzz run --fuzz-dir . "$target" work/"$target" "${seeds[@]}" -- "${options[@]}" ||
    failed+=("$target")
done

if [ ${#failed[@]} -gt 0 ]; then
  printf '\nFOUND SOMETHING: %s; see fuzz/artifacts\n' "${failed[*]}" >&2
  exit 1
fi
printf '\nnothing found\n'
