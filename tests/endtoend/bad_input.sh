#!/usr/bin/env bash
# What users do wrong and what machines deny: one message that names the file or option, exit code 2 (1 for
# the machine), nothing half-written, never a crash.
# Usage: bad_input.sh KIZU SOURCE_DIR
. "$(dirname "$0")/common.sh"
samples data || fail "kizu samples: $(cat samples.log)"
mkdir one && cp -r data/brushed_plate one/plate

# gives CODE TEXT COMMAND...: the exit code, a message on stderr with TEXT, no out folder, no temporary file.
gives() {
  local code=$1 text=$2
  shift 2
  rm -rf out
  timeout -k 5 "${LIMIT:-300}" "$@" >out.txt 2>err.txt
  local got=$?
  [ $got = "$code" ] || fail "$*: exit code $got instead of $code: $(tail -n 3 err.txt)"
  grep -qF -- "$text" err.txt || fail "$*: the message does not name '$text': $(tail -n 3 err.txt)"
  [ "$(grep -c '^kizu: ' err.txt)" -le 1 ] || fail "$*: more than one message: $(cat err.txt)"
  if grep -E 'terminate called|Exception raised from|c10::|std::|json\.exception|filesystem error|\.cpp' err.txt; then
    fail "$*: the message is one for programmers"
  fi
  find . -name '*.tmp' | grep . && fail "$*: a temporary file is left"
  case $code:$KEEP in 2:) [ ! -e out ] || fail "$*: the out folder is left behind" ;; esac
}
KEEP=
refused() { gives 2 "$@"; }
run() {
  local text=$1
  shift
  refused "$text" "$kizu" run --data one/plate --out out "$@"
}

for verb in "" $("$kizu" --help | sed -n '/^Subcommands:/,/^[^ ]*$/p' | awk '/^  [a-z]/ {print $1}'); do
  "$kizu" $verb --help >help.txt 2>err.txt || fail "kizu $verb --help: exit code $?"
  [ -s err.txt ] && fail "kizu $verb --help writes to stderr"
done

# Use and options.
refused --help "$kizu"
refused nonsense "$kizu" nonsense
refused --seed "$kizu" samples out --seed -1
run --nonsense --nonsense 3
run --pairs --pairs many
run --seed --seed -1
run --sampler --sampler euler
run --net --net large
run --mix-after --mix-after good:1,nothing:2
run --mix-after --mix-after good:-1,pairs:1
run --mix-before --mix-before nonsense
refused --data "$kizu" run --out out
refused --out "$kizu" run --data one/plate
# Each kind of base has its own options; what the other takes is refused by name.
mkdir text-base && echo '{"architecture": "ldm-bert", "config": {}}' >text-base/model.json
run --preset --preset paper
run --set --set eta=0.5
run --tune --model text-base --tune unet
run "--set sampler_steps=" --model text-base --sampler-steps 9
run --rotation --model text-base --preset paper --rotation 10
run "paper, reference and improved" --model text-base --preset best
run "there is no switch" --model text-base --set nonsense=1
run "0 to 1" --model text-base --set eta=2
run --pairs --model text-base --pairs 0
run --bf16 --model text-base --bf16
refused --data "$kizu" learn --out out --category plate
printf '[run]\npears = 3\n' >unknown.toml
refused pears "$kizu" --config unknown.toml run --data one/plate --out out
refused absent.toml "$kizu" --config absent.toml run --data one/plate --out out
for wrong in "--pairs 0" "--pairs -3" "--pairs 99999999999" "--shots -1" "--learn-steps 0" "--learn-steps -1" \
  "--learn-batch 0" "--learn-batch 3" "--learn-batch 1000000" "--adapt -1" "--adapt nan" "--adapt inf" \
  "--zoom 0" "--zoom -2" "--zoom nan" "--zoom 1e9" "--rotation -1" "--rotation 1000" "--rotation nan" \
  "--sampler-steps 0" "--sampler-steps 100000" "--eta -1" "--eta 2" "--eta nan" "--guidance nan" \
  "--guidance -1" "--strength -1" "--strength inf" "--variety -1" "--variety nan" "--attempts 0" \
  "--width 0" "--width 100000" "--train-steps -1" "--train-steps 99999999999" "--train-batch -1" \
  "--train-batch 99999" "--train-rate 0" "--train-rate nan" "--train-rate 5" "--crop 8" "--crop -1" "--crop 99999" \
  "--turn-pairs 2" "--turn-pairs -0.5" "--turn-pairs nan" \
  "--work-size 1" "--work-size 999999" "--workers -1" "--workers 100000" "--types nothing" "--shots 100"; do
  run "${wrong%% *}" $wrong
done
refused --train-good "$kizu" samples out --train-good 0
refused --each-defect "$kizu" samples out --each-defect 1

# Folders.
refused absent "$kizu" run --data absent --out out
refused absent "$kizu" doctor absent
refused nothing "$kizu" run --data data --category nothing --out out
mkdir empty
refused empty "$kizu" run --data empty --out out
refused empty "$kizu" doctor empty
mkdir full && echo mine >full/file
refused full "$kizu" run --data one/plate --out full
[ "$(ls -A full)" = file ] || fail "a folder that is not a run was written to"
refused full "$kizu" report --out full
[ "$(ls -A full)" = file ] || fail "a report was written into a folder that is not a run"
refused one/plate/train "$kizu" run --data one/plate --out one/plate/train
echo mine >file
refused file "$kizu" run --data one/plate --out file
refused out: "$kizu" learn --out out
for verb in masks generate train evaluate report; do refused out "$kizu" $verb --out out; done
# No permission: root may everything, so there the program runs as nobody, where nobody gets at it.
as_user=()
if [ "$(id -u)" = 0 ]; then as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
chmod 755 "$work"
if "${as_user[@]}" "$kizu" --help >/dev/null 2>&1 && "${as_user[@]}" test -r "$KIZU_MODEL/model.json"; then
  mkdir reach && cp -r one/plate reach/closed && chmod 000 reach/closed/train/good/000.png
  [ "$(id -u)" = 0 ] && chown -R 65534 reach
  refused 000.png "${as_user[@]}" "$kizu" run --data reach/closed --out reach/out
  chmod 000 reach/closed/train/good
  refused train/good "${as_user[@]}" "$kizu" run --data reach/closed --out reach/out
  chmod 000 reach/closed
  refused closed "${as_user[@]}" "$kizu" doctor reach/closed
  chmod 755 reach/closed
  mkdir readonly && chmod 555 readonly
  refused readonly "${as_user[@]}" "$kizu" run --data one/plate --out readonly/out $budget
  refused readonly "${as_user[@]}" "$kizu" samples readonly/samples
  [ -e reach/out ] && fail "an out folder is left behind without permission"
else
  echo "skipped: no permission (nobody cannot run $kizu)"
fi

# The model.
refused nowhere "$kizu" run --data one/plate --out out --model nowhere
for file in model.json autoencoder.safetensors unet.safetensors; do
  rm -rf model && cp -r "$KIZU_MODEL" model
  head -c 700 "$KIZU_MODEL/$file" >model/$file
  refused "model/$file" "$kizu" run --data one/plate --out out --model model $budget
  head -c 0 "$KIZU_MODEL/$file" >model/$file
  refused "model/$file" "$kizu" run --data one/plate --out out --model model $budget
done

# Photos. Each gets the sample photos with one of them changed.
with() { rm -rf changed && cp -r one/plate changed && cat >"changed/$1"; }
one_pixel=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==
huge=iVBORw0KGgoAAAANSUhEUgAATiAAAE4hCAAAAAANR8pAAAAADElEQVR4nGNgoAwAAABAAAG3NHzvAAAAAElFTkSuQmCC
bytes() { for number in "$@"; do printf "\\x$(printf %x $((number & 255)))\\x$(printf %x $((number >> 8 & 255)))\\x$(printf %x $((number >> 16 & 255)))\\x$(printf %x $((number >> 24 & 255)))"; done; }
bmp() { # WIDTH HEIGHT: a black picture, the width a multiple of 4
  printf BM
  bytes $((54 + $1 * $2 * 3)) 0 54 40 "$1" "$2" $((1 + 24 * 65536)) 0 $(($1 * $2 * 3)) 0 0 0 0
  head -c $(($1 * $2 * 3)) /dev/zero
}
bad_photo() { # NAME: by doctor and by run
  refused "$1" "$kizu" run --data changed --out out $budget
  "$kizu" doctor changed >out.txt 2>err.txt
  [ $? = 2 ] || fail "kizu doctor does not stop at $1: $(tail -n 3 out.txt)"
  grep -qF "$1" out.txt || fail "kizu doctor does not name $1: $(tail -n 3 out.txt)"
}
echo nonsense | with test/scratch/001.png && bad_photo test/scratch/001.png
head -c 500 one/plate/train/good/001.png | with train/good/001.png && bad_photo train/good/001.png
: | with train/good/001.png && bad_photo train/good/001.png
base64 -d <<<$huge | with train/good/001.png && bad_photo train/good/001.png
bmp 20004 8 | with train/good/wide.bmp && bad_photo train/good/wide.bmp
base64 -d <<<$one_pixel | with test/scratch/000.png && bad_photo scratch/000
base64 -d <<<$one_pixel | with train/good/000.png && bad_photo train/good/000.png
base64 -d <<<$one_pixel | with ground_truth/scratch/000_mask.png && bad_photo scratch/000
: | with nothing && rm changed/ground_truth/scratch/000_mask.png changed/nothing && bad_photo scratch/000
size=$(dd if=one/plate/test/scratch/000.png bs=1 skip=16 count=8 2>/dev/null | od -An -tu1)
set -- $size
: | with nothing && rm changed/nothing changed/ground_truth/scratch/000_mask.png
bmp $(($3 * 256 + $4)) $(($7 * 256 + $8)) >changed/ground_truth/scratch/000_mask.bmp
bad_photo 000_mask.bmp

# Any name of a folder works; the run that it made is used below.
mkdir -p "Prüf teile/プレート 'ä\"" && cp -r one/plate/. "Prüf teile/プレート 'ä\""
cp -r "Prüf teile/プレート 'ä\"/test/scratch" "Prüf teile/プレート 'ä\"/test/tiefe Kratzer 傷"
cp -r "Prüf teile/プレート 'ä\"/ground_truth/scratch" "Prüf teile/プレート 'ä\"/ground_truth/tiefe Kratzer 傷"
rm -rf "Prüf teile/プレート 'ä\"/"{test,ground_truth}/{scratch,stain}
"$kizu" run --data "Prüf teile" --category "プレート 'ä\"" --out "Läufe 1/走る" --types "tiefe Kratzer 傷" \
  $learn_budget $mask_budget $generate_budget $train_budget >run.log 2>&1 ||
  fail "names with spaces and Unicode: $(tail -n 3 run.log)"
made="Läufe 1/走る"
[ -s "$made/masks/tiefe Kratzer 傷/0001.png" ] || fail "no masks of a type with a Unicode name"
[ -s "$made/report.html" ] || fail "no report of a run with a Unicode name"

# Steps of a run whose files are damaged, and detect.
KEEP=yes
localizer="$made/localizer-after/localizer.safetensors"
photo=one/plate/test/scratch/000.png
detect() { refused "$1" "$kizu" detect --localizer "$2" --out out "$3"; }
detect nowhere "$localizer" nowhere
detect nowhere nowhere $photo
detect empty "$localizer" empty
detect --threshold "$localizer" "$photo --threshold 7"
head -c 3000 "$localizer" >cut.safetensors
detect cut.safetensors cut.safetensors $photo
detect unet.safetensors "$KIZU_MODEL/unet.safetensors" $photo
echo nonsense >broken.png
detect broken.png "$localizer" broken.png
base64 -d <<<$huge >huge.png
detect huge.png "$localizer" huge.png
base64 -d <<<$one_pixel >one.png
"$kizu" detect --localizer "$localizer" --out small one.png >out.txt 2>err.txt
code=$?
[ $code = 0 ] || [ $code = 2 ] && grep -q . small/detections.json err.txt || fail "detect on 1x1: exit code $code: $(cat err.txt)"
refused --mix "$kizu" train --out "$made" --mix nonsense
refused --name "$kizu" train --out "$made" --name a/b
refused nobody "$kizu" evaluate --out "$made" --name nobody
damaged() { # FILE VERB...: cut short, then not JSON
  local file=$1
  shift
  rm -rf hurt && cp -r "$made" hurt
  head -c 20 "$made/$file" >"hurt/$file"
  refused "$(basename "$file")" "$kizu" "$@"
  echo '[1]' >"hurt/$file"
  refused "$(basename "$file")" "$kizu" "$@"
}
# lacks KEY FILE COMMAND...: the same with another name for a key that the step needs.
lacks() {
  local key=$1 file=$2
  shift 2
  rm -rf hurt && cp -r "$made" hurt
  sed -i "s/\"$key\":/\"not_$key\":/" "hurt/$file"
  refused "$(basename "$file")" "$kizu" "$@"
}
lacks photo masks/masks.json generate --out hurt
lacks seed settings.json masks --out hurt
lacks image pairs/pairs.json train --out hurt --name new
damaged settings.json learn --out hurt
damaged split/split.json learn --out hurt
damaged masks/masks.json generate --out hurt
damaged learn/embeddings.safetensors generate --out hurt
damaged pairs/pairs.json train --out hurt --name new
damaged localizer-after/localizer.safetensors evaluate --out hurt
damaged evaluation-after/metrics.json report --out hurt
echo other >>"Prüf teile/プレート 'ä\"/train/good/000.png"
refused train/good/000.png "$kizu" learn --out "$made" --learn-steps 8
KEEP=

# A full disk: a file system of 1 MB where that may be made, else a limit on the size of files.
KEEP=yes
if mkdir disk && mount -t tmpfs -o size=400k tmpfs disk 2>/dev/null; then
  trap 'umount "$work/disk"; rm -rf "$work"' EXIT
  gives 1 disk/ "$kizu" run --data one/plate --out disk/out $budget
  gives 1 disk/ "$kizu" samples disk/samples
fi
gives 1 out/ bash -c 'ulimit -f 40; trap "" XFSZ; exec "$@"' - "$kizu" run --data one/plate --out out $budget
"$kizu" run --data one/plate --out out $budget >run.log 2>&1 || fail "the run does not go on after a full disk: $(tail -n 3 run.log)"
finish
