#!/bin/sh
# Compile the numerical kernels once per version of core, so that the first page does not wait for it.
set -eu
stamp=$1/warm

if [ ! -f "$stamp" ] || [ -n "$(find core -name '*.py' -newer "$stamp")" ]; then
    echo "Compiling the numerical kernels." >&2
    "$1/bin/python" -m core warm
    touch "$stamp"
fi
