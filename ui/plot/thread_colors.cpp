#include "ui/plot/thread_colors.h"

#include "ui/plot/row_names.h"

#include <map>
#include <numeric>

namespace timeslice {

namespace {

/// A name, and how often it was there before in the same variant.
using Role = std::pair<QString, int>;

using Colors = std::map<Role, std::uint8_t>;

/// Whom each slot stands for: of the threads that have it the first that has a colour already, or else the first.
std::map<std::uint8_t, Role> rolesOf(const Timeline& timeline, const Colors& known)
{
    const RowNames names(timeline);
    std::map<std::uint8_t, Role> roles;
    std::map<QString, int> seen;
    for (std::size_t i = 0; i < timeline.threads.size(); ++i) {
        const std::uint8_t slot = timeline.threads[i].colorSlot;
        if (slot < 1 || slot > kColorSlots) {
            continue;
        }
        const Role role(names.thread(i), seen[names.thread(i)]++);
        const auto [held, added] = roles.emplace(slot, role);
        if (!added && !known.contains(held->second) && known.contains(role)) {
            held->second = role;
        }
    }
    return roles;
}

class Palette {
public:
    ThreadColors colorsFor(const Timeline& timeline)
    {
        const std::map<std::uint8_t, Role> roles = rolesOf(timeline, m_colorOf);
        m_taken = {};
        ThreadColors colors;
        std::vector<std::uint8_t> open; // slots without a colour yet, those that stand for somebody first
        for (const auto& [slot, role] : roles) {
            const auto known = m_colorOf.find(role);
            if (known != m_colorOf.end() && !m_taken[known->second]) {
                take(known->second);
                colors.ofSlot[slot] = known->second;
            } else {
                open.push_back(slot);
            }
        }
        for (const std::uint8_t slot : open) {
            const std::uint8_t color = freeColor(slot);
            take(color);
            m_used[color] = true;
            colors.ofSlot[slot] = color;
            m_colorOf.emplace(roles.at(slot), color);
        }
        for (std::uint8_t slot = 1; slot <= kColorSlots; ++slot) {
            if (!roles.contains(slot)) {
                colors.ofSlot[slot] = freeColor(slot);
                take(colors.ofSlot[slot]);
            }
        }
        return colors;
    }

private:
    using Flags = std::array<bool, kColorSlots + 1>;

    void take(std::uint8_t color) { m_taken[color] = true; }

    /// One that no name has, if possible the slot's own; where there is none, one that the variant does not use yet.
    std::uint8_t freeColor(std::uint8_t slot) const
    {
        const auto isNew = [this](std::uint8_t color) { return !m_used[color] && !m_taken[color]; };
        if (isNew(slot)) {
            return slot;
        }
        for (std::uint8_t color = 1; color <= kColorSlots; ++color) {
            if (isNew(color)) {
                return color;
            }
        }
        std::uint8_t color = slot;
        while (m_taken[color]) { // there are as many colours as slots
            color = static_cast<std::uint8_t>(color % kColorSlots + 1);
        }
        return color;
    }

    Colors m_colorOf;
    Flags m_used{}; ///< by a name of any variant so far
    Flags m_taken{}; ///< in the variant at hand
};

} // namespace

ThreadColors::ThreadColors()
    : ofSlot()
{
    std::iota(ofSlot.begin(), ofSlot.end(), std::uint8_t{0});
}

std::vector<ThreadColors> threadColors(std::span<const VariantPicture> variants)
{
    Palette palette;
    std::vector<ThreadColors> colors;
    for (const VariantPicture& variant : variants) {
        colors.push_back(variant.recording != nullptr && !variant.recording->timeline.threads.empty()
                ? palette.colorsFor(variant.recording->timeline)
                : ThreadColors());
    }
    return colors;
}

} // namespace timeslice
