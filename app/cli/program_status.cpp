#include "app/cli/program_status.h"

#include "app/cli/summary.h"

namespace timeslice {

std::string titleOf(const std::vector<std::string>& command)
{
    std::string title;
    for (const std::string& word : command) {
        title += (title.empty() ? "" : " ") + word;
    }
    return oneLine(title);
}

int programStatus(const Exit& exit)
{
    return exit.kind == Exit::Kind::Signalled ? 128 + exit.code : exit.code;
}

} // namespace timeslice
