#include "core/session/programs.h"

#include <cstdlib>
#include <unistd.h>

namespace timeslice {

namespace {

Result<std::filesystem::path> findProgram(const char* variable, const char* name)
{
    std::filesystem::path path;
    if (const char* given = std::getenv(variable); given != nullptr && *given != '\0') {
        path = given;
    } else {
        std::error_code error;
        const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
        if (error) {
            return fail(std::string("cannot find where this program is (is /proc mounted?): ") + error.message(),
                ErrorKind::Unsupported);
        }
        path = self.parent_path() / name;
    }
    if (::access(path.c_str(), X_OK) != 0) {
        return fail(std::string(name) + ", a part of Timeslice, is not at " + path.string()
                + " or cannot be executed; install it there, or name it in $" + variable,
            ErrorKind::Unsupported);
    }
    return path;
}

} // namespace

Result<Programs> findPrograms()
{
    Result<std::filesystem::path> worker = findProgram("TIMESLICE_WORKER", "timeslice-worker");
    if (!worker) {
        return tl::unexpected(worker.error());
    }
    Result<std::filesystem::path> guard = findProgram("TIMESLICE_GUARD", "timeslice-guard");
    if (!guard) {
        return tl::unexpected(guard.error());
    }
    return Programs{std::move(*worker), std::move(*guard)};
}

} // namespace timeslice
