#!/usr/bin/env bash
# kill -9 at ten moments spread over the job, the same command again each time: the bytes of an undisturbed
# run. And the same bytes for every number of threads.
# Usage: resume.sh KIZU SOURCE_DIR
. "$(dirname "$0")/common.sh"
samples data || fail "kizu samples: $(cat samples.log)"
job() { exec "$kizu" run --data data --category brushed_plate --out "$1" $budget --workers "$2" >>"$1.log" 2>&1; }
begin=$(date +%s%N)
(job undisturbed 2) || { cat undisturbed.log; fail "the undisturbed run"; finish; }
took=$((($(date +%s%N) - begin) / 1000000)) # milliseconds
tree undisturbed >undisturbed.txt

# The moments: some time, from a generator with a fixed seed, after a step's folder appears. Thus they spread
# over all steps on fast and slow machines alike.
random=20240607
killed=0
for step in . learn learn masks pairs pairs localizer-before localizer-after evaluation-after \
  evaluation-perlin; do
  random=$(((random * 1103515245 + 12345) % 2147483648))
  delay=$((random / 65536 % 1000 * took / 12000)) # up to a twelfth of the job
  (job killed 2) &
  pid=$!
  while [ ! -d "killed/$step" ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
  sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  [ $? = 137 ] && killed=$((killed + 1))
done
echo "killed $killed times"
[ $killed -ge 7 ] || fail "only $killed of 10 kills met a living process"
(job killed 2) || { tail -n 5 killed.log; fail "the killed run did not end"; }
tree killed >killed.txt
same "killed" undisturbed.txt killed.txt

for workers in 1 4; do
  (job "workers$workers" $workers) || { tail -n 5 "workers$workers.log"; fail "--workers $workers"; }
  tree "workers$workers" >workers.txt
  same "--workers $workers" undisturbed.txt workers.txt
done
finish
