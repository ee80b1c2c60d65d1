#!/bin/sh
# An adb that starts and never answers.
exec sleep 60
