// ChannelServer: hands the event channel to recorded processes that cannot open it by its path, and is told by them of
// programs without the probe (channel_request.h).
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <memory>
#include <string>

namespace timeslice {

class RefusedPrograms;

/// Listens on a thread of its own, which sleeps while nobody asks. Nothing that a process sends or fails to send can
/// hold up an answer to another, or use up more than a bounded number of descriptors.
class ChannelServer {
public:
    /// `channel` stays the caller's and must stay open, as `refused` must stay there, to which it adds the programs
    /// that it is told of. Errors: the system's; a recording goes without a server then.
    static Result<std::unique_ptr<ChannelServer>> start(int channel, RefusedPrograms& refused);
    ~ChannelServer();
    ChannelServer(const ChannelServer&) = delete;
    ChannelServer& operator=(const ChannelServer&) = delete;

    /// The value of kEnvironmentServer for the processes that are recorded.
    const std::string& address() const noexcept;

private:
    struct Impl;
    explicit ChannelServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace timeslice
