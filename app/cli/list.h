// `timeslice list`
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace timeslice {

/// Adds the command; when it has run, `done` gets its exit status. `done` must stay valid as long as `app`.
void addListCommand(CLI::App& app, std::function<void(int)> done);

} // namespace timeslice
