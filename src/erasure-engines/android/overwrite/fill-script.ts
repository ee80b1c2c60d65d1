/**
 * The program that fills the handset's storage, as text for its own shell: mksh with the tools of Android 7 and later
 * (dd may be NetBSD's or toybox's, so only `bs`, `skip`, `count`; shell numbers have 32 bits). It runs on its own, so
 * that a pulled cable does not end it, and goes on from the last complete file when it is started again.
 *
 * Nothing grows on the full disk besides the fill: the state is the name of one empty file that is renamed, pausing
 * is another (`go`, `hold`). When no block is left, the spacers between the files are deleted and a second series
 * takes their room in pieces as large as can be had: the allocator then hands out the free extents that were held
 * back as a reserve while the first series was written, and keeps the small rooms of the spacers instead.
 *
 * Arguments: folder, word, units per chunk, chunks per file, spacer pieces, units per spacer piece.
 */
export const FILL_SCRIPT = `cd "$1" || exit 1
p=$(cat pid 2>/dev/null)
[ -n "$p" ] && [ "$p" != $$ ] && grep -q sarachi-fill /proc/$p/cmdline 2>/dev/null && exit 0
echo $$ >pid
W=$2 U=$3 C=$4 SN=$5 SU=$6
CB=$((U*65536)) BODY=$((C*U*65536)) FULL=$((C*U*65536+4096)) NEED=$((C*U*64+SN*SU*64+256))

size() { stat -c %s "$1" 2>/dev/null || echo 0; }
state() { [ -e state.$1 ] || mv state.* state.$1; }
hold() { while [ -e hold ]; do sleep 1; done; }
cut() { dd if=pp bs=$1 skip=$2 count=$3 2>/dev/null >>"$4"; }

build() {
  [ -e pp ] && return 0
  [ "$(size block)" = 1048576 ] || return 1
  rm -f p pp.part
  cat block >p || return 1
  for k in 1 2 3; do
    dd if=block bs=262144 skip=$k 2>/dev/null >>p || return 1
    dd if=block bs=262144 count=$k 2>/dev/null >>p || return 1
  done
  n=$(((U+63)/64+1))
  while [ $n -gt 0 ]; do cat p >>pp.part || return 1; n=$((n-1)); done
  mv pp.part pp && rm -f p block
}

# The rest of file $f, page by page: freed by the kernel late, so only two vain tries with a sync between end it.
rest() {
  v=0
  while [ $v -lt 2 ]; do
    hold
    s=$(size $f)
    if [ $s -ge $BODY ]; then return 0; fi
    o=$((s%CB)) k=$((((g+s/CB)%64)*65536+s%CB))
    if [ $((s%4096)) -ne 0 ]; then cut 1 $k $((4096-s%4096)) $f
    else cut 4096 $((k/4096)) $(((CB-o)/4096)) $f
    fi
    if [ "$(size $f)" -gt $s ]; then v=0; else v=$((v+1)); sync; sleep 1; fi
  done
  return 1
}

room() { set -- $(df -k . | tail -n 1); echo \${4:-0}; }
name() { printf '%-4095s\\n' "SARACHI $W $f" 2>/dev/null >>$f; }

# Whole files only: what would be cut short is left to the second series.
first() {
  i=0
  while [ "$(size f.$i)" = $FULL ]; do i=$((i+1)); done
  while [ "$(room)" -gt $NEED ]; do
    f=f.$i g=$((i*C)) c=0
    : >$f
    while [ $c -lt $C ]; do
      hold
      cut 65536 $(((g+c)%64)) $U $f || return
      c=$((c+1))
    done
    name
    : >s.$i
    n=0
    while [ $n -lt $SN ]; do cut 65536 $((i%64)) $SU s.$i; n=$((n+1)); done
    i=$((i+1))
  done
}

# $1 units of $f into room that is asked for in one piece: the allocator then takes its largest free extents.
piece() {
  fallocate -l $(($1*65536)) $f 2>/dev/null && [ "$(size $f)" = $(($1*65536)) ] || return 1
  exec 3<>$f
  c=0 w=0
  while [ $w -lt $1 ]; do
    hold
    m=$(($1-w))
    [ $m -gt $U ] && m=$U
    dd if=pp bs=65536 skip=$(((g+c)%64)) count=$m 2>/dev/null >&3 || { exec 3>&-; return 1; }
    c=$((c+1)) w=$((w+m))
  done
  exec 3>&-
}

# Pieces of two units are the smallest that ext4 does not serve from a pool of its own, which would stay unwritten.
second() {
  i=0 u=$((U*C))
  while [ $u -gt 1 ]; do
    f=g.$i g=$((32+i*C))
    if piece $u; then i=$((i+1)); else rm -f $f; sync; u=$((u/2)); fi
  done
  while :; do
    f=g.$i g=$((32+i*C))
    : >$f
    rest || break
    name
    i=$((i+1))
  done
  [ "$(size $f)" = 0 ] && rm -f $f
}

build || { state broken; exit 1; }
if [ -e state.filling ]; then
  first
  state rotating
fi
if [ -e state.rotating ]; then
  rm -f s.* g.*
  sync
  second
  sync
  state full
fi
`;

/**
 * One look at the filler, in few bytes: its state, whether it lives, the file system's line, battery temperature.
 * Argument: folder.
 */
export const POLL_SCRIPT = `cd "$1" 2>/dev/null || { echo lost; exit 0; }
echo state.*
p=$(cat pid 2>/dev/null)
grep -q sarachi-fill /proc/$p/cmdline 2>/dev/null && echo alive
df -k . | tail -n 1
dumpsys battery 2>/dev/null | grep -m 1 temperature:
exit 0
`;
