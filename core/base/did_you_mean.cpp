#include "core/base/did_you_mean.h"

#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

/// Longer "names" are no typing errors; comparing them would only cost time (input may be hostile).
constexpr std::size_t kLongestName = 128;

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

} // namespace

std::size_t editDistance(std::string_view a, std::string_view b)
{
    // Three rows of the dynamic-programming table: a swap of neighbours looks two rows back.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before, last);
        std::swap(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[b.size()];
}

std::vector<std::string> nearestNames(std::string_view wrong, const std::vector<std::string>& known, std::size_t most)
{
    if (wrong.empty() || wrong.size() > kLongestName) {
        return {};
    }
    const std::string typed = lowered(wrong);
    const std::size_t allowed = std::max<std::size_t>(typed.size() / 3, typed.size() >= 4 ? 2 : 1);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& name : known) {
        const std::string candidate = lowered(name);
        const bool isBeginning = typed.size() >= 3 && candidate.starts_with(typed);
        const std::size_t distance = editDistance(typed, candidate);
        if (isBeginning) {
            near.emplace_back(std::min<std::size_t>(distance, 1), name); // a name cut short is as good as one slip
        } else if (distance <= allowed && distance < std::max(typed.size(), candidate.size())) {
            near.emplace_back(distance, name); // (an edit of every letter is another word, not a slip)
        }
    }
    std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> names;
    for (auto& [distance, name] : near) {
        if (names.size() < most) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

std::string didYouMean(std::string_view wrong, const std::vector<std::string>& known)
{
    const std::vector<std::string> near = nearestNames(wrong, known, 1);
    return near.empty() ? std::string() : "; did you mean '" + near.front() + "'?";
}

std::string joinNames(const std::vector<std::string>& names, std::string_view lastSeparator)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) {
            text += i + 1 == names.size() ? lastSeparator : std::string_view(", ");
        }
        text += names[i];
    }
    return text;
}

} // namespace timeslice
