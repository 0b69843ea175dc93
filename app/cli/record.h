// `timeslice record`
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace timeslice {

/// Adds the command; when it has run, `done` gets its exit status. `done` must stay valid as long as `app`.
/// `afterDashes`: what stood behind "--" on the command line, which is the command's own and never parsed by us.
void addRecordCommand(CLI::App& app, std::vector<std::string> afterDashes, std::function<void(int)> done);

} // namespace timeslice
