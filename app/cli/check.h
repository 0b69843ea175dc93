// `timeslice check`
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace timeslice {

/// Adds the command; when it has run, `done` gets its exit status. `done` must stay valid as long as `app`.
void addCheckCommand(CLI::App& app, std::function<void(int)> done);

} // namespace timeslice
