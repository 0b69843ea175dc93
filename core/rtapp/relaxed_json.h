// JSON as rt-app's files have it, put into a form that a strict parser takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

/// The same text, but: a comma behind the last entry of an object or array is a blank, and a key that stands alone
/// ("suspend",) has null as its value. Comments stay; the parser skips them. What is no JSON for other reasons stays as
/// it is, for the parser to refuse.
class RelaxedJson {
public:
    explicit RelaxedJson(std::string_view text);

    const std::string& text() const noexcept { return m_text; }
    /// Where a byte of text() stands in what it was made from.
    std::size_t original(std::size_t offset) const noexcept;

private:
    void copyString();
    void copyComment();
    std::size_t nextWord(std::size_t from) const noexcept;

    std::string_view m_from;
    std::size_t m_at = 0;
    std::string m_text;
    std::vector<std::size_t> m_added; ///< where in m_text something stands that is not in m_from, ascending
};

} // namespace timeslice
