#include "core/record/refused_programs.h"

#include "core/base/clean_name.h"

#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kMostTold = 10'000; ///< those who tell are not trusted

ProgramFile programOf(Pid pid, const std::string& path)
{
    const std::string process = "/proc/" + std::to_string(pid);
    const ProgramFile theirs =
        lookAtProgram(path.starts_with('/') ? process + "/root" + path : process + "/cwd/" + path);
    return theirs.elf || !path.starts_with('/') ? theirs : lookAtProgram(path);
}

} // namespace

void RefusedPrograms::add(Pid pid, const std::string& command, const std::string& path, bool runs)
{
    RefusedProgram program{
        monotonicNow(), pid, cleanName(command), cleanName(programName(path)), programOf(pid, path), runs};
    const std::lock_guard lock(m_mutex);
    if (program.file.elf && m_programs.size() < kMostTold) {
        m_programs.push_back(std::move(program));
    }
}

std::vector<RefusedProgram> RefusedPrograms::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_programs, {});
}

} // namespace timeslice
