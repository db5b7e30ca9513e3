# Sourced by the tests of this folder with the arguments of the test: KIZU SOURCE_DIR.
set -u
kizu=$1
source_dir=$2
export KIZU_MODEL=$source_dir/models/compact
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

finish() {
  if [ "$failures" -gt 0 ]; then
    echo "$failures checks failed"
    exit 1
  fi
  echo "all passed"
  exit 0
}

# The smallest sample set and the smallest budgets that take every step of the job.
samples() { "$kizu" samples "$1" --train-good 4 --test-good 3 --each-defect 4 >samples.log 2>&1; }
learn_budget="--learn-steps 4 --learn-batch 4"
mask_budget="--pairs 2"
generate_budget="--sampler-steps 3 --attempts 2"
train_budget="--train-steps 6 --train-batch 2 --crop 64 --work-size 128"
budget="--types scratch pits $learn_budget $mask_budget $generate_budget $train_budget"

# A list "hash file" of what must be equal in equal runs: everything but times, locks and the page that shows
# times. The other arguments are more patterns to leave out.
tree() {
  local folder=$1
  shift
  local leave=()
  for pattern in events.jsonl .lock report.html "$@"; do leave+=(! -name "$pattern"); done
  (cd "$folder" && find . -type f "${leave[@]}" -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# same WHAT TREE TREE: compares two lists of tree.
same() {
  if ! diff "$2" "$3" >difference.txt; then
    fail "$1: other files or other bytes"
    head -n 20 difference.txt
  fi
}
