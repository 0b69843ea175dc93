#include "core/rtapp/rtapp_object.h"

#include "core/base/did_you_mean.h"

#include <algorithm>

namespace timeslice {

bool RtappObject::expectKeys(const std::vector<std::string>& keys, std::string_view what,
    const std::function<bool(std::string_view)>& other, const std::vector<std::string>& otherNames) const
{
    if (!m_entry->value.is_object()) {
        place().complainExpected(what);
        return false;
    }
    for (const RtappEntry& entry : m_entry->entries) {
        if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
            if (!other || !other(entry.key)) {
                std::vector<std::string> known = keys;
                known.insert(known.end(), otherNames.begin(), otherNames.end());
                placeOf(entry).complain(unknownName(otherNames.empty() ? "key" : "key or event", entry.key, known));
            }
        } else if (findEntry(entry.key) != &entry && (!other || !other(entry.key))) {
            placeOf(entry).complain("stands twice in the same object");
        }
    }
    return true;
}

const RtappEntry* RtappObject::findEntry(std::string_view key) const
{
    const auto it = std::find_if(
        m_entry->entries.begin(), m_entry->entries.end(), [key](const RtappEntry& entry) { return entry.key == key; });
    return it == m_entry->entries.end() ? nullptr : &*it;
}

std::optional<JsonPlace> RtappObject::find(std::string_view key) const
{
    const RtappEntry* entry = findEntry(key);
    return entry == nullptr ? std::nullopt : std::optional(placeOf(*entry));
}

std::optional<RtappObject> RtappObject::findObject(std::string_view key) const
{
    const RtappEntry* entry = findEntry(key);
    return entry == nullptr ? std::nullopt : std::optional(RtappObject(*m_reading, *entry));
}

std::optional<JsonPlace> RtappObject::need(std::string_view key) const
{
    std::optional<JsonPlace> found = find(key);
    if (!found) {
        complainMissing(key);
    }
    return found;
}

void RtappObject::complainMissing(std::string_view key) const
{
    const bool mistyped = std::any_of(m_entry->entries.begin(), m_entry->entries.end(), [&](const RtappEntry& entry) {
        return placeOf(entry).failed() && !nearestNames(entry.key, {std::string(key)}, 1).empty();
    });
    if (!mistyped) {
        place().complain("the key '" + std::string(key) + "' is missing");
    }
}

} // namespace timeslice
