/** The shell scripts of a simulated /system/bin. All run under mksh, Android's own shell. */

/**
 * Stands for every framework command: sends its own name and arguments to the framework and gives back the exit
 * code, the stderr lines and the untouched bytes of stdout.
 */
export const FRAMEWORK_SCRIPT = `#!/system/bin/sh
{
  print -r -- "$(($# + 1))"
  print -rn -- "\${0##*/}"; print -n '\\0'
  for word; do print -rn -- "$word"; print -n '\\0'; done
} | toybox nc -U /dev/socket/framework | {
  IFS= read -r code || exit 255
  IFS= read -r lines || exit 255
  while [ "$lines" -gt 0 ]; do
    IFS= read -r line
    print -r -- "$line" >&2
    lines=$((lines - 1))
  done
  cat
  exit "$code"
}
`;

/** \`toybox NAME\` must find what stands beside toybox here too. */
export const TOYBOX_SCRIPT = `#!/system/bin/sh
case $1 in
  dd|cmp|md5sum|sha1sum|sha224sum|sha256sum|sha384sum|sha512sum) exec "/system/bin/$@" ;;
esac
exec /system/libexec/toybox "$@"
`;

/** The moment of reading back can be told to the simulator, which may then spoil what is read. */
export function hashScript(name: string): string {
  return `#!/system/bin/sh
[ -e /dev/socket/hash-hook ] && hash-hook "$PWD" "$@"
exec /system/libexec/toybox ${name} "$@"
`;
}

/**
 * The GNU dd of the host behind the manners of the release: toolbox's NetBSD dd up to 9, toybox dd from 10, which
 * learnt count_bytes and its like in 11 and direct in 17.
 */
export function ddScript(android: number): string {
  const netBsd = android <= 9;
  const conv = netBsd ? 'notrunc|noerror|sync|osync|sparse' : 'notrunc|noerror|sync|fsync';
  const unknown = netBsd ? 'dd: unknown operand' : 'dd: unknown';
  const status = netBsd
    ? `status=*) refuse "${unknown} $word" ;;`
    : `status=noxfer|status=none) ;;
    status=*) refuse "${unknown} status '\${word#*=}'" ;;`;
  const flags =
    android >= 11
      ? `iflag=count_bytes|iflag=skip_bytes|oflag=seek_bytes) ;;
    iflag=*|oflag=*) refuse "${unknown} \${word%%=*} '\${word#*=}'" ;;`
      : `iflag=*|oflag=*) refuse "${unknown}${netBsd ? ' $word' : ' operand $word'}" ;;`;
  return `#!/system/bin/sh
refuse() { print -r -- "$1" >&2; exit 1; }
for word; do
  case $word in
    if=*|of=*|bs=*|ibs=*|obs=*|count=*|skip=*|seek=*) ;;
    conv=*)
      IFS=,; for one in \${word#*=}; do
        case $one in ${conv}) ;; *) refuse "${netBsd ? 'dd: unknown conversion' : 'dd: unknown conv'} $one" ;; esac
      done; unset IFS ;;
    ${status}
    ${flags}
    *) refuse "${unknown}${netBsd ? '' : ' operand'} $word" ;;
  esac
done
exec /system/libexec/dd "$@"
`;
}
