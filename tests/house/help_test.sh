#!/usr/bin/env bash
# Compares the help of kizu and of every verb with the texts in docs/help; --update rewrites them.
# Usage: help_test.sh KIZU SOURCE_DIR [--update]
set -u
kizu=$1
help=$2/docs/help
unset KIZU_MODEL
status=0
verbs=$("$kizu" --help | sed -n '/^Subcommands:/,/^[^ ]*$/p' | awk '/^  [a-z]/ {print $1}')
if [ -z "$verbs" ]; then echo "no subcommands in the help"; exit 1; fi
for verb in "" $verbs; do
  file=$help/kizu${verb:+-$verb}.txt
  text=$("$kizu" $verb --help)
  if [ "${3:-}" = --update ]; then
    printf '%s\n' "$text" >"$file"
  elif ! diff -u "$file" <(printf '%s\n' "$text"); then
    echo "docs/help is not what kizu $verb --help prints; run tests/house/help_test.sh KIZU . --update"
    status=1
  fi
  case "$text" in *Example*|*"from photos to a report"*) ;; *) echo "kizu $verb --help has no example"; status=1 ;; esac
done
for file in "$help"/kizu-*.txt; do
  verb=$(basename "$file" .txt); verb=${verb#kizu-}
  case " $(echo $verbs) " in *" $verb "*) ;; *) echo "docs/help/$(basename "$file"): no such verb"; status=1 ;; esac
done
exit $status
