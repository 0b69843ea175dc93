#include "core/analysis/report.h"

#include "core/base/read_file.h"

#include <sched.h>
#include <sstream>
#include <string>
#include <sys/utsname.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

int coresAllowed()
{
    // The kernel refuses a mask smaller than its own; machines may have more cores than cpu_set_t has bits.
    for (std::size_t bits = CPU_SETSIZE; bits <= (1U << 20); bits *= 2) {
        std::vector<cpu_set_t> mask(bits / CPU_SETSIZE);
        const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
        if (sched_getaffinity(0, bytes, mask.data()) == 0) {
            return CPU_COUNT_S(bytes, mask.data());
        }
    }
    return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
}

/// The text behind "model name" (x86) or another key that names the processor; "" where the kernel does not say.
std::string cpuModel()
{
    std::string text;
    (void)readFile("/proc/cpuinfo", text);
    std::istringstream lines(std::move(text));
    std::string line;
    while (std::getline(lines, line)) {
        const std::size_t colon = line.find(':');
        const bool names = line.starts_with("model name") || line.starts_with("cpu model") || line.starts_with("Model")
            || line.starts_with("uarch");
        if (names && colon != std::string::npos) {
            const std::size_t first = line.find_first_not_of(" \t", colon + 1);
            return first == std::string::npos ? std::string() : line.substr(first);
        }
    }
    return {};
}

} // namespace

MachineFacts machineFacts()
{
    MachineFacts facts;
    facts.cores = coresAllowed();
    utsname name{};
    if (uname(&name) == 0) {
        facts.kernel = std::string(name.sysname) + " " + name.release;
    }
    facts.cpu = cpuModel();
    return facts;
}

} // namespace timeslice
