#include "core/base/proc_file.h"

#include <algorithm>

namespace timeslice {

std::string_view nextWord(std::string_view& text)
{
    constexpr std::string_view kBlanks = " \t\n";
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const std::string_view word = text.substr(0, std::min(text.find_first_of(kBlanks), text.size()));
    text.remove_prefix(word.size());
    return word;
}

} // namespace timeslice
