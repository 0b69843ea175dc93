// RtappObject: an object of the document together with the reading, for the readers of this folder.
#pragma once

#include "core/base/json_place.h"
#include "core/rtapp/rtapp_document.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

inline constexpr std::int64_t kMostRtappNumber = std::numeric_limits<std::int32_t>::max(); ///< they are C's int there

/// The document and its JsonReading must outlive it.
class RtappObject {
public:
    RtappObject(JsonReading& reading, const RtappEntry& entry)
        : m_reading(&reading)
        , m_entry(&entry)
    {
    }

    const RtappEntry& entry() const noexcept { return *m_entry; }
    JsonPlace place() const { return placeOf(*m_entry); }
    JsonPlace placeOf(const RtappEntry& entry) const { return {*m_reading, entry.value, entry.path}; }

    /// False, with a complaint, unless it is an object ("expected WHAT"). Complains of keys that are not these, and of
    /// those that come again. Entries of which `other` says so may be there besides, and as often as one likes;
    /// `otherNames` is what they can be called.
    bool expectKeys(const std::vector<std::string>& keys, std::string_view what,
        const std::function<bool(std::string_view)>& other = {}, const std::vector<std::string>& otherNames = {}) const;
    /// The value of a key; nothing if there is none.
    std::optional<JsonPlace> find(std::string_view key) const;
    std::optional<RtappObject> findObject(std::string_view key) const;
    /// The value of a key that must be there; nothing, with a complaint, if it is not.
    std::optional<JsonPlace> need(std::string_view key) const;
    /// Complains that a key is missing, unless one that was complained of is likely to be meant for it.
    void complainMissing(std::string_view key) const;

private:
    const RtappEntry* findEntry(std::string_view key) const;

    JsonReading* m_reading;
    const RtappEntry* m_entry;
};

} // namespace timeslice
