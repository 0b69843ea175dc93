#include "core/session/recording_environment.h"

#include "core/probe/exec_target.h"
#include "core/probe/recording_variable.h"
#include "core/python/result_lines.h"
#include "core/record/channel_layout.h"
#include "core/record/channel_request.h"

#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <unistd.h>

namespace timeslice {

namespace {

std::string procPath(int fd)
{
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd);
}

std::string assignment(const std::string& name, const std::string& value)
{
    return name + "=" + value;
}

} // namespace

std::vector<std::string> recordingEnvironment(const Programs& programs, const RecordingDescriptors& descriptors)
{
    using namespace recording_variable;
    std::vector<std::string> items;
    if (descriptors.result >= 0) {
        items.push_back(assignment(kResultVariable, procPath(descriptors.result)));
    }
    if (descriptors.channel < 0) {
        return items; // there is nothing that could hide them
    }
    const std::string probe = descriptors.probe >= 0 ? procPath(descriptors.probe) : programs.probe.string();
    items.insert(items.begin(),
        {assignment(kPreload, probe), assignment(channel::kEnvironmentPath, procPath(descriptors.channel))});
    if (!descriptors.server.empty()) {
        items.push_back(assignment(channel::kEnvironmentServer, descriptors.server));
    }
    std::string all;
    for (const std::string& item : items) {
        all += (all.empty() ? std::string() : std::string(1, kSeparator)) + item;
    }
    const char* theirs = std::getenv(kPreload);
    return {
        assignment(kPreload, theirs != nullptr ? std::string(theirs) + ":" + probe : probe), assignment(kName, all)};
}

bool cannotBePreloadedByPath(const std::filesystem::path& library)
{
    return library.string().find_first_of(std::string(" :$") + recording_variable::kSeparator) != std::string::npos;
}

FirstProgram lookAtCommand(const std::string& command)
{
    using probe::Preload;
    const auto look = [](const std::string& path) {
        probe::Target target;
        FirstProgram found{probe::inspectTarget(AT_FDCWD, path.c_str(), &target), path};
        if (found.preload == Preload::NoProgram) { // execvp(3) gives what has no interpreter to the shell
            found = {probe::inspectTarget(AT_FDCWD, "/bin/sh"), "/bin/sh"};
        } else if (target.interpreter[0] != '\0') {
            found.path = target.interpreter;
        }
        return found;
    };
    if (command.find('/') != std::string::npos) {
        return look(command);
    }
    const char* path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "/bin:/usr/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string candidate = folder.empty() ? command : folder + "/" + command;
        if (FirstProgram found = look(candidate);
            found.preload != Preload::NotThere && ::access(candidate.c_str(), X_OK) == 0) {
            return found;
        }
    }
    return {};
}

} // namespace timeslice
