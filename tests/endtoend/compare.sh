#!/usr/bin/env bash
# A comparison on the smallest sample set: the refusal, what it writes, that a killed one ends in the same
# bytes, that fewer seeds are a part of more.
# Usage: compare.sh KIZU SOURCE_DIR
. "$(dirname "$0")/common.sh"
samples data || fail "kizu samples: $(cat samples.log)"
compare=("$kizu" compare --data data --category brushed_plate --replicates 100 $budget)

# Too few photos: the reason, exit code 2, nothing written.
"${compare[@]}" --out refused >refused.log 2>&1
[ $? = 2 ] || fail "a comparison of too few photos did not exit with 2"
grep -q 'scratch has 3 test photos, at least 5 are needed' refused.log || fail "no reason: $(cat refused.log)"
grep -q -- '--allow-small' refused.log || fail "the refusal does not name --allow-small"
[ ! -e refused ] || fail "a refused comparison wrote files"

compare+=(--allow-small --mixes crop-paste-poisson pairs mine=good:0.5,pairs:0.5)
begin=$(date +%s%N)
"${compare[@]}" --seeds 2 --out whole >whole.log 2>&1 || { cat whole.log; fail "kizu compare"; finish; }
took=$((($(date +%s%N) - begin) / 1000000)) # milliseconds
grep -q 'warning: too few photos' whole.log || fail "no warning of too few photos"
grep -q 'about .* on two cores' whole.log || fail "it does not say how long it takes"
grep -q 'Too few photos to tell. As far as they go' whole.log || fail "no closing sentence: $(tail -n 5 whole.log)"
for seed in 1 2; do
  for arm in crop-paste-poisson pairs mine; do
    [ -s "whole/brushed_plate/seed-$seed/evaluation-$arm/metrics.json" ] || fail "seed $seed: $arm is missing"
  done
done
for key in warnings closing split_sha256 differences pixel_ap seeds_up; do
  grep -q "\"$key\"" whole/compare.json || fail "compare.json: no $key"
done
grep -q '</html>' whole/compare.html || fail "compare.html is not a whole page"
cmp -s whole/brushed_plate/seed-{1,2}/split/split.json || fail "two seeds differ in the split"
cmp -s whole/brushed_plate/seed-{1,2}/pairs/scratch/0001.image.png && fail "two seeds made the same pair"

# Killed four times, and one seed before two: the same bytes.
for moment in 1 3 5 7; do
  ("${compare[@]}" --seeds 1 --out killed >>killed.log 2>&1 & echo $! >pid; wait $!)  &
  sleep "$(printf '%d.%03d' $((took * moment / 20000)) $((took * moment / 20 % 1000)))"
  kill -9 "$(cat pid)" 2>/dev/null
  wait
done 2>/dev/null
for seeds in 1 2; do
  "${compare[@]}" --seeds $seeds --out killed >>killed.log 2>&1 || { tail -n 5 killed.log; fail "the killed comparison"; }
done
tree whole compare.html >whole.txt
tree killed compare.html >killed.txt
same "killed" whole.txt killed.txt

# Again: nothing is trained.
"${compare[@]}" --seeds 2 --out whole >again.log 2>&1 || fail "kizu compare again: $(tail -n 3 again.log)"
grep -Eq '^(learn|masks|generate|train|evaluate) ' again.log && fail "a second run worked: $(cat again.log)"

# Wrong use.
"${compare[@]}" --seeds 0 --out whole >wrong.log 2>&1
[ $? = 2 ] || fail "--seeds 0 is taken"
"${compare[@]}" nonsense --out whole >wrong.log 2>&1
[ $? = 2 ] || fail "a mix that does not exist is taken"
grep -q nonsense wrong.log || fail "the wrong mix is not named: $(cat wrong.log)"
"${compare[@]}" --out data >wrong.log 2>&1
[ $? = 2 ] || fail "a folder of photos is taken as --out"
finish
