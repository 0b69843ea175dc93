// `timeslice run`
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace timeslice {

/// Adds the command; when it has run, `done` gets its exit status. `done` must stay valid as long as `app`.
void addRunCommand(CLI::App& app, std::function<void(int)> done);

/// As `timeslice run FILE --once`. Gives its exit status.
int runFileOnce(const std::string& file);

} // namespace timeslice
