#!/usr/bin/env bash
# kizu import from outside: good checkpoints become models, every damaged or malicious one is refused with a
# message, quickly, and nothing is run or left behind. The checkpoints are golden data; without them only what
# needs none is tested.
# Usage: import.sh KIZU SOURCE_DIR
. "$(dirname "$0")/common.sh"
golden=${KIZU_GOLDEN:-$2/../shared/golden}/checkpoint

# refused TEXT COMMAND...: exit code 2, one message that names TEXT, nothing made.
refused() {
  local text=$1
  shift
  local before
  before=$(ls -A . | grep -v '\.txt$')
  timeout -k 5 60 "$@" >out.txt 2>err.txt
  local got=$?
  [ $got = 2 ] || fail "$*: exit code $got instead of 2: $(tail -n 3 err.txt)"
  grep -qF -- "$text" err.txt || fail "$*: the message does not name '$text': $(cat err.txt)"
  if grep -E 'terminate called|Exception raised from|c10::|std::|json\.exception|\.cpp' err.txt; then
    fail "$*: the message is one for programmers"
  fi
  [ "$(ls -A . | grep -v '\.txt$')" = "$before" ] || fail "$*: something is left behind: $(ls -A .)"
}

touch err.txt out.txt
echo nonsense >nonsense
printf '<html>' >page.ckpt
: >empty.ckpt
mkdir folder
refused nowhere "$kizu" import nowhere --out model
refused --out "$kizu" import nonsense
refused nonsense "$kizu" import nonsense --out model
refused page.ckpt "$kizu" import page.ckpt --out model
refused empty.ckpt "$kizu" import empty.ckpt --out model
refused unet/ "$kizu" import folder --out model
refused unet.safetensors "$kizu" import "$KIZU_MODEL/unet.safetensors" --out model
refused "a model of kizu already" "$kizu" import "$KIZU_MODEL" --out model
refused --dtype "$kizu" import nonsense --out model --dtype fp8
refused --heads "$kizu" import nonsense --out model --heads 0
refused nowhere "$kizu" export nowhere --name a --out a.pt

if [ ! -f "$golden/good/model_f32_zip.ckpt" ]; then
  echo "skipped: no golden checkpoints at $golden (set KIZU_GOLDEN)"
  finish
fi

# Both containers, both precisions: the same model, told in words, and the same bytes twice.
for name in model_f32_zip model_f16_legacy; do
  "$kizu" import "$golden/good/$name.ckpt" --out $name --heads 4 >import.log 2>&1 || fail "import $name: $(cat import.log)"
  grep -q 'ldm-bert, 0.4 million parameters' import.log || fail "import $name says: $(cat import.log)"
  [ "$(ls $name | tr '\n' ' ')" = "autoencoder.safetensors model.json text_encoder.safetensors unet.safetensors " ] ||
    fail "import $name makes: $(ls $name)"
done
"$kizu" import "$golden/good/model_f32_zip.ckpt" --out half --heads 4 --dtype fp16 >import.log 2>&1 || fail "$(cat import.log)"
for file in unet autoencoder text_encoder; do
  cmp half/$file.safetensors model_f16_legacy/$file.safetensors || fail "$file differs between the containers"
done
refused "is there already" "$kizu" import "$golden/good/model_f32_zip.ckpt" --out half
"$kizu" import "$golden/good/model_f32_zip.ckpt" --out half --heads 4 --force >import.log 2>&1 || fail "$(cat import.log)"
cmp half/unet.safetensors model_f32_zip/unet.safetensors || fail "--force does not replace the model"

# Wrong file for wrong option, a vocabulary that does not fit.
printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n' >vocab
good=$golden/good/model_f32_zip.ckpt
refused "has 4 entries, but the model knows 50 tokens" "$kizu" import "$good" --out model --vocab vocab
refused "is not a WordPiece vocabulary" "$kizu" import "$good" --out model --vocab "$good"
refused --merges "$kizu" import "$good" --out model --merges vocab
refused --spatial "$kizu" import "$good" --out model --spatial vocab
refused "no U-Net" "$kizu" import "$golden/good/vae_f16_zip.ckpt" --out model
refused "no U-Net" "$kizu" import "$golden/good/text_f32_legacy.ckpt" --out model
refused "no U-Net" "$kizu" import "$golden/good/state_dict_only.pckl" --out model
refused --dtype "$kizu" import "$golden/good/embeddings.pt" --out c --dtype fp16
refused "is no spatial encoder" "$kizu" import "$golden/good/embeddings.pt" --out c --spatial "$good"
refused --name "$kizu" import "$golden/good/embeddings_mask_legacy.pt" --out c --mask

# The original's embeddings, and out again in the formats of others.
"$kizu" import "$golden/good/embeddings.pt" --out c.safetensors >import.log 2>&1 || fail "$(cat import.log)"
grep -q 'found bottle+broken_large: 4 vectors 24 wide' import.log || fail "import says: $(cat import.log)"
"$kizu" import "$golden/good/embeddings_mask_legacy.pt" --out c.safetensors --mask --name wood+hole --add >import.log 2>&1 ||
  fail "$(cat import.log)"
"$kizu" import "$golden/good/embeddings.pt" --out new/place/c.safetensors >import.log 2>&1 && rm -r new ||
  fail "import does not make the folders of --out: $(cat import.log)"
for file in hole.pt hole.safetensors; do
  "$kizu" export c.safetensors --mask --name wood+hole --out $file >export.log 2>&1 || fail "$(cat export.log)"
  "$kizu" import $file --out $file.back --mask --name wood+hole >import.log 2>&1 || fail "$(cat import.log)"
done
cmp hole.pt.back hole.safetensors.back || fail "the two formats give different embeddings"
refused "it has bottle+broken_large, bottle+broken_small, wood+hole" "$kizu" export c.safetensors --name x --out x.pt

# Damaged and malicious files: in little time and memory, running nothing.
for file in "$golden"/bad/*.ckpt; do
  refused "$(basename "$file")" bash -c 'ulimit -t 5; exec "$@"' - "$kizu" import "$file" --out model
done
[ -e PWNED ] || [ -e /tmp/PWNED_abs ] && fail "a checkpoint has run a program"

# A disk that is too small is told before anything is written.
if mkdir disk && mount -t tmpfs -o size=400k tmpfs disk 2>/dev/null; then
  trap 'umount "$work/disk"; rm -rf "$work"' EXIT
  refused "its disk has" "$kizu" import "$good" --out disk/model
  [ -z "$(ls -A disk)" ] || fail "something is left on the small disk"
fi
finish
