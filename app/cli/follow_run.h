// Follows a run to its end without a window.
#pragma once

#include "core/session/run_model.h"
#include "core/session/scenario_run.h"

#include <csignal>
#include <functional>

namespace timeslice {

/// SIGINT, SIGTERM and SIGHUP blocked, and read by followRun() instead, from its construction to its end; make it
/// before a run is started, so that the run's threads inherit the mask. One at a time, on the main thread.
class HeldSignals {
public:
    HeldSignals();
    ~HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    int fd() const noexcept { return m_fd; }

private:
    sigset_t m_before{};
    int m_fd = -1;
};

/// Feeds `model` until the run is over; one of the signals stops the run. `commandHasTerminal`: the workload shares our
/// terminal, so a Ctrl-C has reached it already and whether to end is its choice. `variantEnded` is called as each
/// variant ends.
void followRun(ScenarioRun& run, RunModel& model, const HeldSignals& signals, bool commandHasTerminal,
    const std::function<void(const VariantModel&)>& variantEnded);

} // namespace timeslice
