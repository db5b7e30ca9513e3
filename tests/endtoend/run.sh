#!/usr/bin/env bash
# The whole job on the sample photos with tiny budgets: what it writes, that a second run does nothing, that
# the single steps make the same bytes as the whole.
# Usage: run.sh KIZU SOURCE_DIR
. "$(dirname "$0")/common.sh"
samples data || fail "kizu samples: $(cat samples.log)"
job=(--data data --category brushed_plate)
if ! "$kizu" run "${job[@]}" --out whole $budget >run.log 2>&1; then
  cat run.log
  fail "kizu run"
  finish
fi

# Everything that the layout of a run folder promises.
for file in settings.json report.html split/split.json learn/embeddings.safetensors learn/curve.json \
  masks/masks.json masks/scratch/{0001,0001.spare1}.png masks/pits/0002.png pairs/pairs.json \
  localizer-{before,after,perlin}/{localizer.safetensors,curve.json} \
  evaluation-{before,after,perlin}/{metrics.json,maps/scratch/003.png,maps/good/000.png} \
  {split,learn,masks,pairs,localizer-after,evaluation-after}/{run.json,events.jsonl}; do
  [ -s "whole/$file" ] || fail "whole/$file is missing or empty"
done
find whole -name '*.tmp' -o -name '*.checkpoint.*' | grep . && fail "working files are left in a finished run"
grep -q '</html>' whole/report.html || fail "report.html is not a whole page"

# The verdict in words, with numbers and what to try; a model trained for six steps has much to learn.
grep -Eq '^(Yes, it helped|No:|Mixed:|No clear difference|Too few)' run.log ||
  fail "kizu run prints no verdict: $(tail -n 5 run.log)"
grep -q 'pixel AP goes from' run.log || fail "the verdict of kizu run has no numbers"
grep -q 'Next: ' run.log || fail "kizu run does not say what to try next"

# No photo on both sides; every photo stands in the split once.
photos=$(grep -o '"image": *"[^"]*"' whole/split/split.json | sort)
[ -n "$photos" ] || fail "no photos in split.json"
[ -z "$(uniq -d <<<"$photos")" ] || fail "a photo stands twice in split.json: $(uniq -d <<<"$photos")"
hashes=$(grep -o '"image_sha256": *"[^"]*"' whole/split/split.json | sort)
[ -z "$(uniq -d <<<"$hashes")" ] || fail "two photos of split.json have the same content"

# Pairs: image and mask and record of each, marked as synthetic, the mask no copy of a shot's.
count=0
for record in whole/pairs/*/*.json whole/pairs/dropped/*/*.json; do
  [ -e "$record" ] || continue
  count=$((count + 1))
  stem=${record%.json}
  [ -s "$stem.image.png" ] && [ -s "$stem.mask.png" ] || fail "$stem: image or mask is missing"
  grep -aq 'Synthetic' "$stem.image.png" || fail "$stem.image.png does not say that it is synthetic"
  for key in seed source mask_origin model_sha256 embeddings_sha256 options scores; do
    grep -q "\"$key\"" "$record" || fail "$record: no $key"
  done
  # Clear defects are painted as they are.
  grep -q '"severity": 1.0,' "$record" || fail "$record: $(grep '"severity"' "$record")"
done
# The first of each type does not wait for the trial: it starts from its shot and is redrawn a little only.
for record in whole/pairs/{,dropped/}{scratch,pits}/0001.json; do
  [ -e "$record" ] || continue
  grep -Eq '"redrawn": 0\.([0-2]|3[0-4])' "$record" || fail "$record: $(grep redrawn "$record")"
done
[ "$count" = 4 ] || fail "$count pairs (kept or dropped) instead of 4"
masks=$(sha256sum data/brushed_plate/ground_truth/*/*.png whole/masks/*/*.png | cut -d' ' -f1 | sort)
[ -z "$(uniq -d <<<"$masks")" ] || fail "a made mask is another one's or a shot's copy"

# Again: nothing is done, no file of a step is written.
find whole -mindepth 2 -type f -printf '%p %T@ %i\n' | sort >before.txt
"$kizu" run "${job[@]}" --out whole $budget >again.log 2>&1 || fail "kizu run again: $(cat again.log)"
find whole -mindepth 2 -type f -printf '%p %T@ %i\n' | sort >after.txt
diff before.txt after.txt >/dev/null || fail "a second run wrote files: $(diff before.txt after.txt | head)"
grep -Eq '^(learn|masks|generate|train|evaluate) ' again.log && fail "a second run worked: $(cat again.log)"

# The same, one step at a time.
steps() {
  set -e
  "$kizu" split "${job[@]}" --out steps --types scratch pits
  "$kizu" learn --out steps $learn_budget
  "$kizu" masks --out steps $mask_budget
  "$kizu" generate --out steps $generate_budget
  "$kizu" train --out steps --name after $train_budget # its mix by how the photos lie, as in the whole
  "$kizu" evaluate --out steps --name after
  for mix in before=good:0.4,shots:0.2,crop_paste:0.4 perlin=good:0.4,perlin:0.6; do
    "$kizu" train --out steps --name "${mix%%=*}" --mix "${mix#*=}" $train_budget
    "$kizu" evaluate --out steps --name "${mix%%=*}"
  done
  "$kizu" report --out steps
}
(steps) >steps.log 2>&1 || { cat steps.log; fail "the steps one at a time"; }
tree whole >whole.txt
tree steps >steps.txt
same "steps one at a time" whole.txt steps.txt
[ -s steps/report.html ] || fail "kizu report wrote no page"
mkdir many
cp -r whole steps many/
rm many/*/report.html
"$kizu" report --out many || fail "kizu report on the folder of two runs"
for page in whole steps; do
  grep -q "href=\"$page/report.html\"" many/report.html || fail "the page of all runs does not name $page"
  [ -s many/$page/report.html ] || fail "kizu report wrote no page of $page"
done

# Another seed is another training; the run's own is the same.
for seed in 1 7; do
  "$kizu" train --out steps --name "seed$seed" --mix good:0.4,perlin:0.6 --seed $seed $train_budget >seed.log 2>&1 ||
    fail "kizu train --seed: $(cat seed.log)"
done
weights() { cat "steps/localizer-$1/localizer.safetensors"; }
cmp -s <(weights perlin) <(weights seed1) || fail "--seed 1 is not the seed of the run"
cmp -s <(weights perlin) <(weights seed7) && fail "--seed 7 changed nothing"

# A trained localizer on new photos: a file, a folder, the same bytes for any number of threads.
"$kizu" detect --localizer whole --out found data/brushed_plate/test/scratch --workers 1 >detect.log 2>&1 ||
  fail "kizu detect: $(cat detect.log)"
"$kizu" detect --localizer whole --out found2 data/brushed_plate/test/scratch --workers 2 >detect.log 2>&1 ||
  fail "kizu detect: $(cat detect.log)"
for file in detections.json 000.heat.png 000.mask.png 000.overlay.png 003.heat.png; do
  [ -s "found/$file" ] || fail "found/$file is missing or empty"
done
tree found >found.txt
tree found2 >found2.txt
same "detect with other threads" found.txt found2.txt
finish
