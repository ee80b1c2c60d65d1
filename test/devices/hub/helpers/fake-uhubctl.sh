#!/bin/sh
# uhubctl 2.5 as far as its options and its print are used: one file per port in $FAKE_HUBS, holding "power" or "off".
exact= location= port= action=
while [ $# -gt 0 ]; do
  case $1 in
    -v) echo 2.5.0; exit 0 ;;
    -e) exact=1 ;;
    -l) location=$2; shift ;;
    -p) port=$2; shift ;;
    -a) action=$2; shift ;;
    *) echo "Invalid option $1" >&2; exit 1 ;;
  esac
  shift
done
file=$FAKE_HUBS/$location.$port
echo "exact=$exact $location $port $action" >> "$FAKE_HUBS/calls"
if [ ! -f "$file" ]; then
  echo "No compatible devices detected at location $location!" >&2
  echo "Run with -h to get usage info." >&2
  exit 1
fi
show() {
  echo "$1 status for hub $location [0424:2514, USB 2.00, 4 ports, ppps]"
  if [ "$(cat "$file")" = off ]; then echo "  Port $port: 0000 off"; else echo "  Port $port: 0100 power"; fi
}
show Current
if [ -n "$action" ]; then
  echo "Sent power $action request"
  if [ ! -f "$FAKE_HUBS/deaf" ]; then
    if [ "$action" = off ]; then echo off > "$file"; else echo power > "$file"; fi
  fi
  show New
fi
