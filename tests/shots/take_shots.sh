#!/usr/bin/env bash
# Takes a PNG of every main screen of the real window under Xvfb: both themes, 1280x720 and 1920x1080.
# usage: take_shots.sh PATH/TO/timeslice FOLDER
set -euo pipefail

timeslice=$1
folder=$2
settings=$(mktemp -d)
display=:$((90 + RANDOM % 900))
pids=()

cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$settings"
}
trap cleanup EXIT

mkdir -p "$folder"
export XDG_CONFIG_HOME=$settings XDG_RUNTIME_DIR=$settings QT_QPA_PLATFORM=xcb LC_ALL=C.UTF-8
unset WAYLAND_DISPLAY

key() { xdotool key --clearmodifiers --window "$window" "$1"; }
pause() { sleep "$1"; }
shot() { import -display "$display" -window root -depth 8 "$folder/$size-$theme-$1.png"; }

# window_title REGEX SECONDS: waits until the window's title matches.
window_title() {
    local until=$((SECONDS + $2))
    while [ "$SECONDS" -lt "$until" ]; do
        [[ $(xdotool getwindowname "$window" 2>/dev/null) =~ $1 ]] && return
        sleep 0.1
    done
    echo "take_shots: the window never said '$1'" >&2
    return 1
}

# scenario ID NAME...: opens the window on a scenario, takes it before, during and after the run.
scenario() {
    local id=$1
    "$timeslice" --scenario "$id" --theme "$theme" &
    local program=$!
    pids+=("$program")
    window=$(xdotool search --sync --onlyvisible --pid "$program" --name Timeslice | tail -1)
    xdotool windowsize --sync "$window" "${size%x*}" "${size#*x}" 2>/dev/null || true
    xdotool windowmove "$window" 0 0
    pause 0.6
    shot "$id-1-before"
    key space
    pause 0.35
    shot "$id-2-live"
    window_title 'done|stopped|ended' 40
    pause 0.5
    shot "$id-3-after"
    if [ "$id" = "$first" ]; then
        key F5
        pause 1
        shot "$id-4-presentation"
        key Escape
        pause 0.5
        key ctrl+f
        xdotool type --window "$window" 'zzz'
        pause 0.4
        shot "search-without-hits"
    fi
    kill "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
}

mapfile -t ids < <("$timeslice" list | awk '/^  [a-z]/ { print $1 }')
first=$("$timeslice" list --default)
for size in 1280x720 1920x1080; do
    Xvfb "$display" -screen 0 "${size}x24" -nolisten tcp >/dev/null 2>&1 &
    server=$!
    pids+=("$server")
    export DISPLAY=$display
    for _ in $(seq 50); do xdpyinfo >/dev/null 2>&1 && break; sleep 0.1; done
    openbox --sm-disable >/dev/null 2>&1 &
    pids+=("$!")
    for theme in light dark; do
        for id in "${ids[@]}"; do
            scenario "$id"
        done
    done
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    display=:$((${display#:} + 1))
done
echo "The pictures are in $folder"
