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

# hover_gil: the mouse goes up and down over the lanes until a hold of the GIL has its arrows; the last place is kept.
# Zoomed in first, so that a hold is wide enough to be met.
hover_gil() {
    for _ in 1 2 3 4 5 6; do key w; done
    pause 0.4
    local x=$((${size%x*} / 2 - 60)) y
    for share in 83 70; do
        y=$((${size#*x} * share / 100))
        xdotool mousemove "$x" "$y"
        pause 0.3
        shot "$1-hover-$share"
    done
    key f
}

# script_pages: a script of the user's: its page, the question, what it prints. It is in the settings as one that was
# opened before.
script_pages() {
    cat >"$settings/job.py" <<'PYTHON'
import threading
import time


def count(n):
    while n > 0:
        n -= 1


threads = [threading.Thread(target=count, args=(3_000_000,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for done in range(0, 101, 5):
    print(f"\r{done} % done", end="", flush=True)
    time.sleep(0.02)
print()
for line in range(20):
    print("line", line)
PYTHON
    mkdir -p "$settings/timeslice"
    printf '[scripts]\n1\\path=%s/job.py\n1\\arguments=--fast, two words\n1\\directory=%s\nsize=1\n' \
        "$settings" "$settings" >"$settings/timeslice/window.ini"
    "$timeslice" --theme "$theme" &
    local program=$! dialog=
    pids+=("$program")
    window=$(xdotool search --sync --onlyvisible --pid "$program" --name Timeslice | tail -1)
    xdotool windowsize --sync "$window" "${size%x*}" "${size#*x}" 2>/dev/null || true
    xdotool windowmove "$window" 0 0
    pause 0.6
    key End
    pause 0.4
    shot script-1-page
    key space
    for _ in $(seq 50); do
        dialog=$(xdotool search --onlyvisible --pid "$program" --name 'Run a script' | tail -1) && [ -n "$dialog" ] && break
        pause 0.1
    done
    pause 4 # every Python of the machine is asked
    shot script-2-question
    xdotool key --window "$dialog" Tab
    xdotool key --window "$dialog" space
    window_title running 10 || true
    pause 0.3
    shot script-3-live
    window_title 'done|stopped|ended' 40
    pause 0.5
    shot script-4-after
    kill "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
    rm -f "$settings/timeslice/window.ini"
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
    case $id in
    gil-hog | gil-model) # the distribution is in front
        key v
        pause 0.5
        shot "$id-4-timeline"
        key v
        key F5
        pause 1
        shot "$id-5-presentation"
        key Escape
        ;;
    gil-two-threads) hover_gil "$id" ;;
    esac
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
        script_pages
    done
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    display=:$((${display#:} + 1))
done
echo "The pictures are in $folder"
