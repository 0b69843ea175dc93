#include "app/cli/follow_run.h"

#include <poll.h>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

/// What ends a program by default; the others are nothing to a run without one.
bool asksToEnd(int signal)
{
    return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

/// Whether it stops the run.
bool act(const HeldSignals::Signal& signal, HeldSignals::For taker, ScenarioRun& run)
{
    bool stops = taker == HeldSignals::For::Run;
    if (!stops) {
        const bool programHasIt = run.signalProgram(signal.passOn ? signal.number : 0);
        stops = !programHasIt && asksToEnd(signal.number);
    }
    if (stops) {
        run.stop();
    } else if (signal.number == SIGTSTP) {
        suspend(); // together with the program, so that the shell sees its job stopped
    }
    return stops;
}

} // namespace

std::optional<int> followRun(ScenarioRun& run, RunModel& model, HeldSignals& held, LiveSave& live)
{
    std::optional<int> stoppedBy;
    while (!model.finished()) {
        pollfd fds[2] = {{run.updateFd(), POLLIN, 0}, {held.fd(), POLLIN, 0}};
        ::poll(fds, 2, live.millisUntilDue());
        while (const std::optional<HeldSignals::Signal> signal = held.next()) {
            if (act(*signal, held.taker(), run) && !stoppedBy) {
                stoppedBy = signal->number;
            }
        }
        std::vector<RunUpdate> updates = run.poll();
        live.take(updates, model);
        model.apply(std::move(updates));
        live.writeIfDue(model);
    }
    return model.stopped() ? stoppedBy : std::nullopt; // else it was over already
}

} // namespace timeslice
