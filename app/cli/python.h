// `timeslice python`
#pragma once

#include "core/base/result.h"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace timeslice {

/// Adds the command; when it has run, `done` gets its exit status. `script` is what takeScript() gives, by the time
/// that the words are parsed; it and `done` must stay valid as long as `app`.
void addPythonCommand(CLI::App& app, const std::vector<std::string>& script, std::function<void(int)> done);

/// Splits the words behind `timeslice python`: our own options stay in `words`; what begins with the script (SCRIPT,
/// -m NAME, -c CODE or -), or stands behind "--", is returned: it is the interpreter's and the script's, whatever it
/// looks like. Without this CLI11 would look for options of ours in it. Errors (Usage): an option before it that we do
/// not have.
Result<std::vector<std::string>> takeScript(const CLI::App& app, std::vector<std::string>& words);

} // namespace timeslice
