#!/usr/bin/env bash
# Takes a PNG of every main screen of the real window under Xvfb: both themes, 1280x720 and 1920x1080.
# usage: take_shots.sh PATH/TO/timeslice FOLDER [REGEX]   REGEX: only the scenarios and pages whose name it matches
#
# It waits for what the window says (its title) and for pictures that stand still, each for a limited time. What does
# not come is reported at the end, with exit status 1, and the other pictures are taken all the same.
set -euo pipefail

timeslice=$1
folder=$2
only=${3:-.}
scratch=$(mktemp -d)
server=
manager=
program=
missing=()

# end PID: asks a process of ours to end, and waits for it.
end() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

cleanup() {
    end "$program"
    end "$manager"
    end "$server"
    rm -rf "$scratch"
}
trap cleanup EXIT

mkdir -p "$folder"
export XDG_CONFIG_HOME=$scratch XDG_RUNTIME_DIR=$scratch QT_QPA_PLATFORM=xcb LC_ALL=C.UTF-8
unset WAYLAND_DISPLAY

# Windows fill the screen without a frame; dialogs keep theirs.
cat >"$scratch/openbox.xml" <<'XML'
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <applications>
    <application type="normal"><decor>no</decor><maximized>yes</maximized></application>
  </applications>
</openbox_config>
XML

# wait_for SECONDS WHAT COMMAND...: until the command succeeds; WHAT did not come otherwise.
wait_for() {
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        if [ "$SECONDS" -ge "$until" ]; then
            echo "take_shots: $size $theme: $what did not come" >&2
            missing+=("$size $theme: $what")
            return 1
        fi
        sleep 0.2 # each look costs the workload a moment
    done
}

grab() { import -window root -depth 8 "$@"; }

# still: the screen's picture is the same as at the last call.
still() {
    local before=${picture:-}
    picture=$(grab ppm:- | md5sum)
    [ "$picture" = "$before" ]
}

# shot_now NAME: as the screen is at this moment.
shot_now() { grab "$folder/$size-$theme-$1.png"; }

# shot NAME: when the picture stands still.
shot() {
    sleep 0.1 # the answer to the last key has begun
    wait_for 5 "a picture of $1 that stands still" still || true
    shot_now "$1"
}

key() { xdotool key --clearmodifiers "$@"; }
point() { xdotool mousemove "$1" "$2"; }
has_title() { [[ $(xdotool getwindowname "$window" 2>/dev/null) =~ $1 ]]; }
is_active() { [ "$(xdotool getactivewindow 2>/dev/null)" = "$1" ]; }
wanted() { [[ $1 =~ $only ]]; }

# find_window NAME: a window of the program whose name begins so, into `found`.
find_window() {
    found=$(xdotool search --all --onlyvisible --pid "$program" --name "^$1" 2>/dev/null | tail -1)
    [ -n "$found" ]
}

# open_window ARGUMENTS...: starts the program; its window fills the screen and has the keyboard.
open_window() {
    point $((${size%x*} - 1)) $((${size#*x} - 1)) # over nothing that a tool tip belongs to
    "$timeslice" --theme "$theme" "$@" &
    program=$!
    wait_for 20 "the window" find_window Timeslice || return 1
    window=$found
    wait_for 10 "the window's keyboard" is_active "$window"
}

close_window() {
    end "$program"
    program=
}

# run_to_end SECONDS NAME: after the key that starts it; takes the window while it runs. A deadlock stands until someone
# ends it.
run_to_end() {
    local ended='(done|stopped|failed)$'
    wait_for 10 "$2 running" has_title "running$|$ended" || return 1
    sleep 0.3 # for something to be seen
    shot_now "$2-live"
    wait_for "$1" "the end of $2" has_title "deadlocked$|$ended" || return 1
    while has_title 'deadlocked$'; do
        shot "$2-deadlock"
        key space
        sleep 0.5 # it says so for a moment more
        wait_for "$1" "the end of $2" has_title "deadlocked$|$ended" || return 1
    done
    shot "$2-after"
}

# scenario ID: before, during and after its run, and what else it has.
scenario() {
    open_window --scenario "$1" || { close_window; return; }
    shot "$1-1-before"
    [ "$1" != "$first" ] || key 3 # the right one
    key space
    if run_to_end 60 "$1"; then
        extras "$1"
    fi
    close_window
}

extras() {
    case $1 in
    gil-hog | gil-model) # the distribution is in front
        key v
        shot "$1-timeline"
        key v F5
        shot "$1-presentation"
        ;;
    "$first")
        # Zoomed in at the middle of the lanes, so that holds are wide enough to be met; then the mouse over the GIL of the
        # variant with two threads, whose place follows from the window's size.
        key w w w w w w
        if [ "$size" = 1280x720 ]; then point 670 610; else point 996 628; fi
        shot "$1-hover"
        point $((${size%x*} - 1)) $((${size#*x} - 1))
        key f F5
        shot "$1-presentation"
        key Escape F1
        shot "keys"
        key Escape
        xdotool mousemove $((${size%x*} - 270)) 20 click 1
        shot "menu-export"
        key Escape
        xdotool mousemove $((${size%x*} - 60)) 20 click 1
        shot "menu-settings"
        key Escape
        key ctrl+f
        xdotool type 'zzz'
        sleep 0.5
        shot_now "search-without-hits" # the caret blinks
        ;;
    esac
}

# script_pages: a script of the viewer's: its page, the question, what it prints. It is in the settings as one that was
# opened before.
script_pages() {
    cat >"$scratch/job.py" <<'PYTHON'
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
    mkdir -p "$scratch/timeslice"
    printf '[scripts]\n1\\path=%s/job.py\n1\\arguments=--fast, two words\n1\\directory=%s\nsize=1\n' \
        "$scratch" "$scratch" >"$scratch/timeslice/window.ini"
    open_window || { close_window; return; }
    key End
    wait_for 5 "the script's page" has_title 'job\.py' || true
    shot script-1-page
    key space
    if wait_for 10 "the question" find_window 'Run a script' && wait_for 10 "its keyboard" is_active "$found"; then
        local question=$found
        wait_for 30 "the question's Run" run_button_is_filled "$question" || true
        shot script-2-question
        key Tab space
        run_to_end 60 script-3 || true
    fi
    close_window
    rm -f "$scratch/timeslice/window.ini"
}

# run_button_is_filled DIALOG: Run, at the lower right, has its colour: the Pythons of the machine were found.
run_button_is_filled() {
    local accent=0072B2
    [ "$theme" = dark ] && accent=56B4E9
    [ "$(import -window "$1" -gravity SouthEast -crop 1x1+60+22 -depth 8 -format '%[hex:p{0,0}]' info:)" = $accent ]
}

# recordings: one that is whole, one that is cut off, one that is none.
recordings() {
    local whole=$scratch/whole.timeslice cut=$scratch/cut.timeslice none=$scratch/none.timeslice
    [ -e "$whole" ] || "$timeslice" run time-slicing --quiet --save "$whole"
    head -c "$(($(stat -c %s "$whole") * 2 / 3))" "$whole" >"$cut"
    echo "not a recording" >"$none"
    local file
    for file in "$whole" "$cut" "$none"; do
        open_window "$file" && shot "recording-$(basename "$file" .timeslice)"
        close_window
    done
}

# start_screen: an X server of this size and a window manager, ready.
start_screen() {
    Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp 3>"$scratch/display" >/dev/null 2>&1 &
    server=$!
    wait_for 20 "a display" test -s "$scratch/display"
    DISPLAY=:$(cat "$scratch/display")
    export DISPLAY
    openbox --sm-disable --config-file "$scratch/openbox.xml" >/dev/null 2>&1 &
    manager=$!
    wait_for 20 "a window manager" manager_is_ready
}

manager_is_ready() { xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 'window id'; }

stop_screen() {
    end "$manager"
    end "$server"
    manager=
    server=
    rm -f "$scratch/display"
}

# readme_picture: the default scenario after a run, in the size of the picture in the README.
readme_picture() {
    size=1440x900
    theme=light
    start_screen
    if open_window --scenario "$first"; then
        key 3 space # and no picture while it runs: taking it costs a core for a tenth of the run
        if wait_for 60 "the end of readme" has_title 'done$'; then shot readme; fi
    fi
    close_window
    stop_screen
}

mapfile -t ids < <("$timeslice" list | awk '/^  [a-z]/ { print $1 }')
first=$("$timeslice" list --default)
for size in 1280x720 1920x1080; do
    theme=light
    start_screen
    for theme in light dark; do
        for id in "${ids[@]}"; do
            if wanted "$id"; then scenario "$id"; fi
        done
        if wanted script; then script_pages; fi
        if wanted recording; then recordings; fi
    done
    stop_screen
done
if wanted readme; then readme_picture; fi
if [ ${#missing[@]} -gt 0 ]; then
    printf 'take_shots: not taken: %s\n' "${missing[@]}" >&2
    exit 1
fi
echo "The pictures are in $folder"
