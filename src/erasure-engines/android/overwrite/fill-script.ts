/**
 * The program that fills the handset's storage, as text for its own shell: mksh with the tools of Android 7 and later
 * (dd may be NetBSD's or toybox's; shell numbers have 32 bits). It runs on its own, so that a pulled cable does not
 * end it, and goes on from the last complete file when it is started again.
 *
 * Nothing grows on the full disk besides the fill: the state is the name of one empty file that is renamed, pausing
 * is another (`go`, `hold`), the process another (`pid.<number>`).
 *
 * File systems keep blocks back that an ordinary user never gets, and those still hold what was there before. So when
 * no page goes in any more, every other file loses its end, together somewhat more than what is kept back, and one
 * long file takes that room. ext4 gives a long file the longest free extents first: those kept back until now, while
 * the many short ends, overwritten before, are kept back in their place. Measured on ext4; not provable from here.
 * For the same reason there are no small files with content, not even this text or a last file for which little room
 * is left: ext4 sets 2 MiB aside for those, and leaves most of it as it was. What it set aside for the long file goes
 * back when that is closed, and a little more room makes the file go on right there.
 *
 * Arguments: folder, word, units per chunk, chunks per file.
 */
export const FILL_SCRIPT = `cd "$1" || exit 1
for p in pid.*; do
  [ "$p" != pid.$$ ] && grep -q sarachi-fill "/proc/\${p#pid.}/cmdline" 2>/dev/null && exit 0
done
rm -f pid.*
: >pid.$$
W=$2 U=$3 C=$4
CB=$((U*65536)) BODY=$((C*U*65536)) FULL=$((C*U*65536+4096)) LONG=1073741824

size() { stat -c %s "$1" 2>/dev/null || echo 0; }
state() { [ -e state.$1 ] || mv state.* state.$1; }
hold() { while [ -e hold ]; do sleep 1; done; }
cut() { dd if=pp bs=$1 skip=$2 count=$3 2>/dev/null >>"$4"; }

build() {
  [ -e pp ] && return 0
  [ "$(size block)" = 524288 ] || return 1
  rm -f p pp.part
  cat block >p || return 1
  for k in 1 2 3 4 5 6 7; do
    dd if=block bs=65536 skip=$k 2>/dev/null >>p || return 1
    dd if=block bs=65536 count=$k 2>/dev/null >>p || return 1
  done
  n=$(((U+63)/64+1))
  while [ $n -gt 0 ]; do cat p >>pp.part || return 1; n=$((n-1)); done
  mv pp.part pp && rm -f p block
}

# Appends to file $1, whose first chunk has number $2, up to $3 bytes; 1 when the storage is full before that. The
# kernel frees what it had set aside only with a sync, so three vain tries end it.
put() {
  v=0
  while :; do
    hold
    s=$(size $1)
    [ $s -lt $3 ] || return 0
    o=$((s%CB)) k=$(((($2+s/CB)%64)*65536+s%CB))
    if [ $((s%65536)) = 0 ] && [ $v = 0 ]; then cut 65536 $((k/65536)) $(((CB-o)/65536)) $1
    elif [ $((s%4096)) = 0 ]; then cut 4096 $((k/4096)) $(((CB-o)/4096)) $1
    else cut 1 $k $((4096-s%4096)) $1
    fi
    if [ "$(size $1)" -gt $s ]; then v=0
    else
      v=$((v+1))
      [ $v -lt 3 ] || return 1
      sync
    fi
  done
}

# Whether $1 KiB can still be written.
room() { least=$1; set -- $(df -k . | tail -n 1); [ "$4" -ge $least ]; }

# Begins no file where less than $1 KiB can be written.
fill() {
  i=0
  while [ "$(size f.$i)" = $FULL ]; do i=$((i+1)); done
  while { [ -e f.$i ] || room $1; } && put f.$i $((i*C)) $BODY; do
    printf '%-4095s\\n' "SARACHI $W f.$i" 2>/dev/null >>f.$i
    [ "$(size f.$i)" = $FULL ] || break
    sync
    i=$((i+1))
  done
  [ "$(size f.$i)" = 0 ] && rm -f f.$i
}

# Shortens every other whole file, once; the long file is there from then on.
shorten() {
  [ -e g.0 ] && return
  set -- $(df -k . | tail -n 1)
  held=$(($2-$3-$4)) n=0
  while [ -e f.$((n+1)) ]; do n=$((n+1)); done
  [ $held -gt 0 ] && [ $n -gt 1 ] || return
  [ $held -lt 800000 ] || held=800000
  h=$(((held*5/4/((n+1)/2)/4+1)*4096))
  [ $h -le $((BODY/2)) ] || h=$((BODY/2))
  j=0
  while [ $j -lt $n ]; do
    truncate -s $((FULL-h)) f.$j
    j=$((j+2))
  done
  sync
  : >g.0
}

# A second, small room for the long file, at the cost of one that was left whole.
shorten_one() {
  h=$((BODY/2))
  [ $h -le 2097152 ] || h=2097152
  truncate -s $((FULL-h)) f.1
  sync
}

# What a file was promised beyond its end is given back when it is opened and closed with nothing left to write.
release() {
  sync
  for f in pp f.* g.0; do [ -e $f ] && : >>$f; done
}

build || { state broken; exit 1; }
if [ -e state.filling ]; then
  fill 4096
  state rotating
fi
if [ -e state.rotating ]; then
  release
  shorten
  if [ -e g.0 ]; then
    put g.0 32 $LONG
    release
    shorten_one
    put g.0 32 $LONG
  else fill 1
  fi
  sync
  state full
fi
`;

/**
 * One look at the filler, in few bytes: its state, whether it lives, the file system's line, battery temperature. It
 * waits up to so many seconds for the state to change, so that the end is noticed at once.
 *
 * Arguments: folder, seconds, state.
 */
export const LOOK_SCRIPT = `cd "$1" 2>/dev/null || { echo lost; exit; }
n=$(($2*5))
while [ $n -gt 0 ] && [ -e state.$3 ]; do sleep 0.2 || sleep 1; n=$((n-1)); done
echo state.*
for p in pid.*; do grep -q sarachi-fill "/proc/\${p#pid.}/cmdline" && echo alive; done
df -k . | tail -n 1
dumpsys battery | grep -m 1 temperature:`;
