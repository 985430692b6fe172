#!/bin/sh
# Checks every model in this folder with spin, exhaustively: ./check.sh. Ends with 0 when all hold, and,
# saying so, when spin is not installed. Where a model has a mistake built in (NO_FENCE), it must be found.
set -eu
cd "$(dirname "$0")"
if ! command -v spin >/dev/null 2>&1; then
  echo "models not checked: spin is not installed (Debian: apt install spin)"
  exit 0
fi
folder=$(pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# run MODEL [OPTION...]: prints spin's summary into $scratch/output, which must say that it searched all.
run() {
  model=$1
  shift
  spin "$@" -search -O2 -safety -m100000 "$folder/$model" >output 2>&1 || true
  if ! grep -q 'State-vector' output; then
    echo "$model: spin could not search it"
    cat output
    exit 1
  fi
}

errors() { sed -n 's/.*errors: \([0-9]*\).*/\1/p' output; }
states() { sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' output; }

failed=0
for path in "$folder"/*.pml; do
  model=$(basename "$path")
  run "$model"
  if [ "$(errors)" = 0 ] && ! grep -q 'max search depth too small' output; then
    echo "$model: holds in $(states) states"
  else
    echo "$model: FAILED"
    cat output
    failed=1
  fi
  if grep -q NO_FENCE "$path"; then
    run "$model" -DNO_FENCE
    if [ "$(errors)" = 0 ]; then
      echo "$model: FAILED: without the fences a wake-up is lost, and the model does not see it"
      failed=1
    else
      echo "$model: without its fences it fails, as it must"
    fi
  fi
done
exit $failed
