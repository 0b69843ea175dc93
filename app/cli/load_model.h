// Recordings as export and info read them.
#pragma once

#include "core/model/run_model.h"

#include <memory>
#include <string>

namespace timeslice {

/// Loads a recording; warns on standard error when it is not whole. Errors (Usage): not one, too new, damaged.
Result<std::unique_ptr<RunModel>> loadModel(const std::string& path);

} // namespace timeslice
