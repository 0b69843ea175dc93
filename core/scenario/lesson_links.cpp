#include "core/scenario/lesson_links.h"

#include "core/base/did_you_mean.h"

#include <algorithm>

namespace timeslice {

namespace {

using nlohmann::json;

constexpr std::string_view kWord = "lesson:";

/// The length of the id that `text` begins with: words of small letters and digits, with a hyphen between.
std::size_t idLength(std::string_view text)
{
    const auto inWord = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    std::size_t length = 0;
    while (length < text.size()
        && (inWord(text[length])
            || (text[length] == '-' && length > 0 && length + 1 < text.size() && text[length - 1] != '-'
                && inWord(text[length + 1])))) {
        ++length;
    }
    return length;
}

void addBroken(const json& value, const std::string& path, const std::vector<std::string>& ids,
    std::vector<JsonComplaint>& complaints)
{
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            addBroken(value[i], path + "/" + std::to_string(i), ids, complaints);
        }
        return;
    }
    if (!value.is_string()) {
        return;
    }
    std::string wrong;
    for (const LessonLink& link : lessonLinks(value.get_ref<const std::string&>())) {
        if (std::find(ids.begin(), ids.end(), link.id) == ids.end()) {
            wrong += (wrong.empty() ? "" : "; ") + ("there is no lesson '" + link.id + "'") + didYouMean(link.id, ids);
        }
    }
    if (!wrong.empty()) {
        complaints.push_back({path, std::move(wrong)});
    }
}

} // namespace

std::vector<LessonLink> lessonLinks(std::string_view text)
{
    std::vector<LessonLink> links;
    for (std::size_t at = text.find(kWord); at != std::string_view::npos; at = text.find(kWord, at + kWord.size())) {
        const std::string_view behind = text.substr(at + kWord.size());
        if (const std::size_t length = idLength(behind); length > 0) {
            links.push_back({at, kWord.size() + length, std::string(behind.substr(0, length))});
        }
    }
    return links;
}

std::vector<JsonComplaint> brokenLinks(const Scenario& scenario, const std::vector<std::string>& ids)
{
    std::vector<JsonComplaint> complaints;
    for (const char* key : {"why", "lookFor"}) {
        if (const auto value = scenario.document.find(key); value != scenario.document.end()) {
            addBroken(*value, key, ids, complaints);
        }
    }
    return complaints;
}

std::vector<JsonComplaint> misnamed(const Scenario& scenario, const std::filesystem::path& file)
{
    if (scenario.id.empty() || file.stem() == scenario.id) {
        return {};
    }
    return {{"id", "'" + scenario.id + "' is not the file's name: the file would be " + scenario.id + ".json"}};
}

} // namespace timeslice
