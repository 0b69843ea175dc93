// What a scenario says of other lessons: "lesson:gil-io" in its why and in what to look for, which reads as that
// lesson's title and leads to it.
#pragma once

#include "core/base/json_place.h"
#include "core/scenario/scenario.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

struct LessonLink {
    std::size_t offset = 0; ///< of "lesson:ID" in the text, in bytes
    std::size_t length = 0;
    std::string id;
};
std::vector<LessonLink> lessonLinks(std::string_view text);

/// Links to lessons that are not among `ids`; paths as in the scenario's document.
std::vector<JsonComplaint> brokenLinks(const Scenario& scenario, const std::vector<std::string>& ids);

/// That the scenario's id is not the name of its file, by which people look for it.
std::vector<JsonComplaint> misnamed(const Scenario& scenario, const std::filesystem::path& file);

} // namespace timeslice
