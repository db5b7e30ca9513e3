#!/usr/bin/env bash
# The job on a base with a text encoder, here an untrained one: the whole run and its steps one at a time give
# the same bytes, killed or not and with any number of threads; products are learned together; concepts of
# another base are refused.
# Usage: concepts.sh KIZU SOURCE_DIR TINY_BASE
. "$(dirname "$0")/common.sh"
samples data || fail "kizu samples: $(cat samples.log)"
"$3" base 1 || fail "tiny_base"
quick="--set steps=4 --set batch=2 --set sampler_steps=3"
run="--types scratch pits $quick --pairs 2 $train_budget"
job() {
  exec "$kizu" run --data data --category brushed_plate --model base --out "$1" $run --workers "$2" >"$1.log" 2>&1
}

(job whole 2) || { tail -n 5 whole.log; fail "kizu run"; finish; }
tree whole >whole.txt
grep -q "learning takes about" whole.log || fail "no estimate of time"
[ -s whole/pairs/scratch/0002.image.png ] || fail "no pair was painted"
[ -s whole/localizer-after/localizer.safetensors ] || fail "no localizer was trained"
[ -s whole/report.html ] || fail "no report was written"

for step in learn pairs localizer-before; do
  (job killed 1) &
  pid=$!
  while [ ! -d "killed/$step" ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
  sleep 0.5
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
done
(job killed 1) || { tail -n 5 killed.log; fail "the killed run did not end"; }
tree killed >killed.txt
same "killed, with one thread" whole.txt killed.txt

steps() {
  "$kizu" split --data data --category brushed_plate --model base --types scratch pits --out steps &&
    "$kizu" learn --out steps $quick &&
    "$kizu" masks --out steps $quick --pairs 2 &&
    "$kizu" generate --out steps $quick
}
steps >steps.log 2>&1 || { tail -n 5 steps.log; fail "the steps one at a time"; }
for folder in learn masks pairs; do
  tree whole/$folder >one.txt
  tree steps/$folder >other.txt
  same "$folder as a step of its own" one.txt other.txt
done

products=$(ls data | head -n 2)
together() {
  "$kizu" learn --data data $(printf -- '--category %s ' $products) --model base --out all $quick &&
    for product in $products; do
      "$kizu" masks --out all/$product --preset paper $quick --set mask_source=varied --pairs 1 || return 1
    done
}
together >together.log 2>&1 || { tail -n 5 together.log; fail "learning two products together"; }
[ -s all/learn/concepts.safetensors ] || fail "the products share no concepts"

refuses() {
  local text=$1
  shift
  "$@" >out.txt 2>err.txt
  [ $? = 2 ] || fail "$*: exit code is not 2"
  grep -qF -- "$text" err.txt || fail "$*: the message does not name '$text': $(tail -n 3 err.txt)"
}
# A localizer from elsewhere is measured under its own name, the run's own evaluations stay.
cp whole/localizer-after/localizer.safetensors elsewhere.safetensors
"$kizu" evaluate --out whole --localizer elsewhere.safetensors >evaluate.log 2>&1 || fail "evaluate --localizer: $(cat evaluate.log)"
cmp whole/evaluation-after/metrics.json whole/evaluation-elsewhere/metrics.json || fail "the same localizer has other figures"
refuses "--localizer" "$kizu" evaluate --out whole --localizer base/unet.safetensors
[ ! -e whole/evaluation-unet ] || fail "a refused localizer leaves a folder"
# What is known already is painted without learning.
"$kizu" learn --data data --category brushed_plate --types scratch pits --model base --add-to whole/learn/concepts.safetensors \
  --out known $quick >known.log 2>&1 || fail "learn --add-to with all types: $(cat known.log)"
grep -q "knows every defect type" known.log || fail "it learns what it knows: $(cat known.log)"

# begins_nothing TEXT OPTION...: refused by learn and by run, for one product and for two, before anything is written.
begins_nothing() {
  local text=$1
  shift
  for verb in learn run; do
    for category in "--category brushed_plate" ""; do
      refuses "$text" "$kizu" $verb --data data $category --out new "$@"
      [ ! -e new ] || { fail "kizu $verb $*: something is left behind"; rm -r new; }
    done
  done
}
begins_nothing "--add-to" --model base --add-to nowhere
begins_nothing "--add-to" --model base --add-to base/unet.safetensors
"$3" stranger 2 || fail "tiny_base"
begins_nothing "--add-to" --model stranger --add-to whole/learn/concepts.safetensors
begins_nothing "--set sampler_steps" --model base --set sampler=ddim --set time_grid=uniform --set sampler_steps=3
"$3" diffusion 1 sd1-clip || fail "tiny_base sd1-clip"
begins_nothing "caption=random" --model diffusion --set caption=random
refuses "--strength" "$kizu" generate --out whole --strength 2
refuses "learned together" "$kizu" learn --out "all/$(ls data | head -n 1)"
rm -r base && "$3" base 2
refuses "another base" "$kizu" generate --out steps --set sampler_steps=2
finish
