#!/bin/sh
# Make a virtual environment that holds what the named files require; a second call returns at once.
# Usage: environment.sh FOLDER REQUIREMENTS...
set -eu
folder=$1
shift

say() { echo "$*" >&2; }

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        if is_recent "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    say "Infoscope needs Python 3.11 or newer; found $(python3 --version 2>/dev/null || echo 'no python3')."
    say "Debian 12, Ubuntu 24.04 and later: apt install python3 python3-venv. macOS: brew install python3, or python.org."
    return 1
}

is_installed() {
    is_recent "$folder/bin/python" || return 1
    for file in "$@"; do
        cmp -s "$file" "$folder/installed-$(basename "$file")" || return 1
    done
}

create() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        say "$python cannot make virtual environments here. Debian and Ubuntu ship that apart:"
        say "    sudo apt install $python-venv"
        say "Then run make again."
        return 1
    fi
    rm -rf "$folder"
    "$python" -m venv "$folder"
}

# Print a line for each package that pip gets, with its size, as long as it takes.
told() {
    while read -r what name size; do
        case "$what $name" in
            *.metadata) ;;
            Downloading*.whl | Downloading*.tar.gz) say "  ${name##*/} $size" ;;
            Using*) size=${size#cached }; case "$size" in *.metadata*) ;; *) say "  ${size##*/}, kept from before" ;; esac ;;
            "Installing collected") say "  Unpacking all of them." ;;
        esac
    done
}

pip_install() {
    # What pip answers comes by a way of its own past the pipe; what it complains of is not read by told.
    answer=$({ { "$folder/bin/python" -u -m pip install --disable-pip-version-check --progress-bar off --requirement "$1" \
        && echo yes >&3 || echo no >&3; } | told; } 3>&1)
    [ "$answer" = yes ]
}

install() {
    say "Installing $* into $folder; the first time takes some minutes."
    start=$(date +%s)
    for file in "$@"; do
        pip_install "$file"
    done
    say "Installed in $(($(date +%s) - start)) s."
    for file in "$@"; do
        cp "$file" "$folder/installed-$(basename "$file")"
    done
}

if ! is_installed "$@"; then
    "$folder/bin/python" -m pip --version >/dev/null 2>&1 && is_recent "$folder/bin/python" || create
    install "$@"
fi
