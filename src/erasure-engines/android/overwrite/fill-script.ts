/**
 * The program that fills the handset's storage, as text for its own shell: mksh with the tools of Android 7 and later
 * (dd may be NetBSD's or toybox's; shell numbers have 32 bits). It runs on its own, so that a pulled cable does not
 * end it, and goes on from the last complete file when it is started again.
 *
 * Nothing grows on the full disk besides the fill: the state is the name of one empty file that is renamed, pausing
 * is another (`go`, `hold`). File systems keep blocks back that an ordinary user never gets, and these still hold
 * what was there before. So spacers are written among the files and deleted when the storage is full; a long file
 * that was begun beside the blocks held back then runs into them, and the room of the spacers is held back instead.
 *
 * Arguments: folder, word, units per chunk, chunks per file, units per spacer.
 */
export const FILL_SCRIPT = `cd "$1" || exit 1
p=$(cat pid 2>/dev/null)
[ -n "$p" ] && [ "$p" != $$ ] && grep -q sarachi-fill /proc/$p/cmdline 2>/dev/null && exit 0
echo $$ >pid
W=$2 U=$3 C=$4 SU=$5
CB=$((U*65536)) FULL=$((C*U*65536+4096)) LONG=1073741824 NEED=$((C*(U+SU)*64+256))
CPUS=$(grep -c ^processor /proc/cpuinfo)

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

room() { set -- $(df -k . | tail -n 1); echo \${4:-0}; }

# Whole files, each with its spacers; then the start of the long file, which so lies beside what is held back.
first() {
  i=0
  while [ "$(size f.$i)" = $FULL ]; do i=$((i+1)); done
  while [ "$(room)" -gt $NEED ]; do
    c=0
    : >f.$i
    while [ $c -lt $C ]; do
      hold
      cut 65536 $(((i*C+c)%64)) $U f.$i || return
      cut 65536 $((c%64)) $SU s.$i.$c || return
      c=$((c+1))
    done
    printf '%-4095s\\n' "SARACHI $W f.$i" 2>/dev/null >>f.$i
    i=$((i+1))
  done
  i=0
  : >g.0
  while [ "$(room)" -gt $((CB/1024+64)) ]; do grow || return; done
}

# The long file by one chunk at most, in writes as large as its end allows. Not 0 when nothing went in.
grow() {
  hold
  s=$(size g.$i)
  if [ $s -ge $LONG ]; then i=$((i+1)) s=0; fi
  o=$((s%CB)) k=$((((32+s/CB)%64)*65536+s%CB))
  if [ $((s%65536)) = 0 ]; then cut 65536 $((k/65536)) $(((CB-o)/65536)) g.$i
  elif [ $((s%4096)) = 0 ]; then cut 4096 $((k/4096)) $(((CB-o)/4096)) g.$i
  else cut 1 $k $((4096-s%4096)) g.$i
  fi
  [ "$(size g.$i)" -gt $s ]
}

# ext4 serves small files of each processor from a pool of up to 2 MiB that no large file can have: 44 files of 48 KiB,
# allocated while they are open, use it up. A new pool then comes from the small rooms that are left.
crumbs() {
  n=0
  while [ $n -lt $CPUS ]; do
    pin=; taskset $(printf %x $((1<<n))) true 2>/dev/null && pin="taskset $(printf %x $((1<<n)))"
    k=0
    while [ $k -lt 44 ]; do
      hold
      f=h.$((n*44+k))
      $pin dd if=pp of=$f bs=49152 skip=$k count=1 conv=fsync 2>/dev/null || {
        exec 3>$f
        $pin dd if=pp bs=49152 skip=$k count=1 2>/dev/null >&3 || { exec 3>&-; break; }
        sync
        exec 3>&-
      }
      k=$((k+1))
    done
    [ "$(size $f)" = 0 ] && rm -f $f
    n=$((n+1))
  done
}

# What goes on at the end of a file is put right behind it: the long file runs into the room that was held back.
second() {
  i=0
  while [ -e g.$((i+1)) ]; do i=$((i+1)); done
  while [ "$(room)" -gt $((CPUS*2112+CB/1024)) ]; do grow || break; done
  crumbs
  v=0
  while [ $v -lt 3 ]; do
    if grow; then
      v=0
    else
      v=$((v+1))
      # A write of 64 KiB may not fit where a page does.
      [ $(($(size g.$i)%65536)) = 0 ] && cut 4096 $(((((32+s/CB)%64)*65536+s%CB)/4096)) 1 g.$i && v=0
      sync
    fi
  done
  [ "$(size g.$i)" = 0 ] && rm -f g.$i
}

build || { state broken; exit 1; }
if [ -e state.filling ]; then
  first
  state rotating
fi
if [ -e state.rotating ]; then
  rm -f s.* h.*
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
