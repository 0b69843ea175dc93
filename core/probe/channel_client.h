// Asks the recording for the event channel, and for what this thread is called there (core/record/channel_request.h).
#pragma once

#include "core/base/ids.h"
#include "core/base/unique_fd.h"
#include "core/record/channel_request.h"

namespace timeslice::probe {

struct ServerAnswer {
    UniqueFd file; ///< of the channel, if it was asked for
    Pid pid = 0; ///< of this process in the recording's PID namespace; 0 = there was no answer
    Tid tid = 0; ///< of the calling thread there; 0 = not known
};

/// The recording's server, if the environment names one. Any thread.
channel::ServerAddress channelServer() noexcept;

/// Any thread; no descriptor but the answer's stays open. Waits for an answer, usually a fraction of a millisecond and
/// never longer than 50 ms. Allocates nothing and takes no lock; changes errno. Has cancellation points.
ServerAnswer askServer(
    const channel::ServerAddress& server, channel::Ask what, const channel::StartedProgram& program = {}) noexcept;

} // namespace timeslice::probe
