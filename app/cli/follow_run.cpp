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

void act(const HeldSignals::Signal& signal, HeldSignals::For taker, ScenarioRun& run)
{
    if (taker == HeldSignals::For::Run) {
        run.stop();
        return;
    }
    const bool programHasIt = run.signalProgram(signal.passOn ? signal.number : 0);
    if (!programHasIt && asksToEnd(signal.number)) {
        run.stop();
    }
    if (signal.number == SIGTSTP) {
        suspend(); // together with the program, so that the shell sees its job stopped
    }
}

} // namespace

void followRun(ScenarioRun& run, RunModel& model, HeldSignals& held, LiveSave& live)
{
    while (!model.finished()) {
        pollfd fds[2] = {{run.updateFd(), POLLIN, 0}, {held.fd(), POLLIN, 0}};
        ::poll(fds, 2, live.millisUntilDue());
        while (const std::optional<HeldSignals::Signal> signal = held.next()) {
            act(*signal, held.taker(), run);
        }
        std::vector<RunUpdate> updates = run.poll();
        live.take(updates, model);
        model.apply(std::move(updates));
        live.writeIfDue(model);
    }
}

} // namespace timeslice
