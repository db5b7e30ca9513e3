#!/usr/bin/env bash
# The published protocol on sample photos with tiny budgets: two categories, one of them named bottle, which
# published pixel averages leave out; what it writes, that it goes on, and the measures of the pictures.
# Usage: benchmark.sh KIZU SOURCE_DIR
. "$(dirname "$0")/common.sh"
"$kizu" samples data --train-good 4 --test-good 2 --each-defect 4 >samples.log 2>&1 || fail "kizu samples"
cp -r data/brushed_plate data/bottle
job=(--data data --categories brushed_plate bottle --out bench --learn-steps 4 --learn-batch 4 --pairs 3 --sampler-steps 3 --train-steps 6
  --train-batch 2 --crop 64 --work-size 128 --classify-steps 2 --classify-side 64)
if ! "$kizu" benchmark mvtec "${job[@]}" >bench.log 2>&1; then
  cat bench.log
  fail "kizu benchmark mvtec"
  finish
fi
for file in benchmark.json benchmark.txt benchmark.html bottle/pairs/pairs.json bottle/quality/quality.json \
  bottle/classifier/accuracy.json brushed_plate/evaluation-pairs/metrics.json; do
  [ -s "bench/$file" ] || fail "bench/$file is missing or empty"
done
grep -q '</html>' bench/benchmark.html || fail "benchmark.html is not a whole page"
grep -q 'all 15 of MVTec AD' bench/benchmark.txt || fail "benchmark.txt does not give the published mean"
grep -q 'random weights' bench/benchmark.txt || fail "benchmark.txt does not say where the classifier began"
grep -q -- '--lpips' bench/benchmark.txt || fail "benchmark.txt does not say which option gives IC-LPIPS"
grep -q ': about ' bench.log || fail "no estimate before the work: $(cat bench.log)"

# Again: nothing is worked on, all bytes stay.
tree bench '*.html' >before.txt
"$kizu" benchmark mvtec "${job[@]}" >again.log 2>&1 || fail "again: $(cat again.log)"
tree bench '*.html' >after.txt
same "a second benchmark" before.txt after.txt
grep -Eq '^(learn|masks|generate|train|evaluate|classify|quality) ' again.log && fail "a second run worked: $(cat again.log)"

# Killed at some moments of the job and gone on with: the same bytes.
for step in bottle/learn bottle/pairs bottle/classifier brushed_plate/localizer-pairs brushed_plate/quality; do
  "$kizu" benchmark mvtec "${job[@]/#bench/killed}" >killed.log 2>&1 &
  pid=$!
  while [ ! -d "killed/$step" ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
  sleep 0.1
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  [ $? = 137 ] && kills=$((${kills:-0} + 1))
done
[ "${kills:-0}" -ge 3 ] || fail "only ${kills:-0} of 5 kills met a living process"
"$kizu" benchmark mvtec "${job[@]/#bench/killed}" >killed.log 2>&1 || fail "the killed benchmark does not go on: $(cat killed.log)"
tree killed '*.html' >killed.txt
same "killed" before.txt killed.txt

# Measured again with other options; a run without pairs and wrong files are refused.
"$kizu" quality --out bench/bottle --most 2 --unblended 0 >quality.log 2>&1 || fail "kizu quality: $(cat quality.log)"
grep -q 'not measured\|No LPIPS' quality.log || fail "quality does not say what is missing: $(cat quality.log)"
grep -q 'id="quality"' bench/bottle/report.html || fail "the report has no section of the pictures' quality"
"$kizu" quality --out bench/bottle --features data/bottle/test/good/000.png >wrong.log 2>&1
[ $? = 2 ] || fail "a photo as a network is not refused with exit code 2"
grep -q '000.png' wrong.log || fail "the wrong file is not named: $(cat wrong.log)"
"$kizu" benchmark mvtec --data data --out data/bottle >wrong.log 2>&1
[ $? = 2 ] || fail "a folder of photos as --out is not refused"
finish
