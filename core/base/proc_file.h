// Reads the small text files of /proc and what is in them.
#pragma once

#include "core/base/read_file.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace timeslice {

/// Takes the next word off `text`; words are separated by blanks, tabs and line ends. Empty at the end.
std::string_view nextWord(std::string_view& text);

/// The number that is the whole of `word`.
template <class T> std::optional<T> toNumber(std::string_view word)
{
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc{} && end == word.data() + word.size();
    return whole ? std::optional{value} : std::nullopt;
}

} // namespace timeslice
