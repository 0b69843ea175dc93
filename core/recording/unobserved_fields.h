// UnobservedProcess in the files of recordings, finished and growing ones.
#pragma once

#include "core/trace/batch.h"

#include <nlohmann/json.hpp>
#include <string>

namespace timeslice {

nlohmann::json unobservedFields(const UnobservedProcess& process);
/// "" or what is missing or wrong.
std::string readUnobservedFields(const nlohmann::json& entry, UnobservedProcess& process);

} // namespace timeslice
