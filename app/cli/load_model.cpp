#include "app/cli/load_model.h"

#include "app/cli/exit_status.h"
#include "core/recording/recording.h"

#include <filesystem>
#include <system_error>

namespace timeslice {

Result<std::unique_ptr<RunModel>> loadModel(const std::string& path)
{
    Result<LoadedRecording> loaded = loadRecording(path);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    if (!loaded->warning.empty()) {
        warn(path + ": " + loaded->warning);
    }
    if (std::error_code none; std::filesystem::exists(path + ".partial", none)) {
        warn(path + ".partial, beside it, is of a run that goes on or was cut off");
    }
    Result<std::unique_ptr<RunModel>> model = RunModel::fromRecording(std::move(loaded->recording));
    if (!model) {
        return fail(path + ": " + model.error().message, model.error().kind);
    }
    return model;
}

} // namespace timeslice
