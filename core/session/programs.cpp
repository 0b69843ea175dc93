#include "core/session/programs.h"

#include "core/base/did_you_mean.h"
#include "core/scenario/catalogue.h"

#include <cstdlib>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

constexpr const char* kProbeName = "libtimeslice-gil-probe.so";

/// The folder of the running executable.
Result<std::filesystem::path> ownFolder()
{
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return fail(std::string("cannot find where this program is (is /proc mounted?): ") + error.message(),
            ErrorKind::Unsupported);
    }
    return self.parent_path();
}

Result<std::filesystem::path> findProgram(const char* variable, const char* name)
{
    std::filesystem::path path;
    if (const char* given = std::getenv(variable); given != nullptr && *given != '\0') {
        path = given;
    } else {
        const Result<std::filesystem::path> folder = ownFolder();
        if (!folder) {
            return tl::unexpected(folder.error());
        }
        path = *folder / name;
    }
    if (::access(path.c_str(), X_OK) != 0) {
        return fail(std::string(name) + ", a part of Timeslice, is not at " + path.string()
                + " or cannot be executed; install it there, or name it in $" + variable,
            ErrorKind::Unsupported);
    }
    return path;
}

/// A library that cannot be read is as good as none, but the loader would complain on the script's standard error.
bool isReadableFile(const std::filesystem::path& path)
{
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), R_OK) == 0;
}

void findProbe(Programs& programs)
{
    std::vector<std::filesystem::path> places;
    if (const char* given = std::getenv("TIMESLICE_GIL_PROBE"); given != nullptr && *given != '\0') {
        std::error_code error;
        places.push_back(std::filesystem::absolute(given, error)); // the workload may run in another folder
    } else if (const Result<std::filesystem::path> folder = ownFolder()) {
        places = {*folder / kProbeName, (*folder / "../lib/timeslice" / kProbeName).lexically_normal(),
            (*folder / ".." / TIMESLICE_LIBDIR / "timeslice" / kProbeName).lexically_normal()};
    }
    std::vector<std::string> tried;
    for (const std::filesystem::path& place : places) {
        if (isReadableFile(place)) {
            programs.probe = place;
            return;
        }
        if (tried.empty() || tried.back() != place.string()) {
            tried.push_back(place.string());
        }
    }
    programs.noProbe = std::string(kProbeName) + ", a part of Timeslice, is not at " + joinNames(tried, " or ");
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
    Programs programs;
    programs.worker = std::move(*worker);
    programs.guard = std::move(*guard);
    findProbe(programs);
    std::error_code error;
    if (const Result<std::filesystem::path> resources = findResources();
        resources && std::filesystem::is_directory(*resources / "python", error)) {
        programs.modules = std::filesystem::absolute(*resources / "python", error);
    }
    return programs;
}

} // namespace timeslice
