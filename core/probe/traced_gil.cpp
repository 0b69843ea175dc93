#include "core/probe/traced_gil.h"

#include "core/probe/own_ids.h"
#include "core/probe/probe_channel.h"

#include <array>
#include <cstddef>

namespace timeslice::probe {

namespace {

// CPython 3.12 and 3.13 free a sub-interpreter without destroying its GIL; such a GIL keeps its place until another is
// made at its address. So there is room for more than are ever used at a time.
constexpr std::size_t kMostGils = 256;

// Open addressing. A condition lies within kWindow slots of where its address hashes to, so a look-up is bounded; for a
// condition that is no GIL's it is nearly always a single load. A slot that was given up holds the tombstone, never
// nullptr again, so that looking on stays right.
struct Slot {
    std::atomic<const void*> condition{nullptr};
    TracedGil* gil = nullptr;
    Condition which = Condition::Released;
};
constexpr std::size_t kSlotBits = 12;
constexpr std::size_t kWindow = 8;

constinit std::array<TracedGil, kMostGils> g_gils{};
constinit std::array<Slot, (std::size_t{1} << kSlotBits) + kWindow> g_slots{};
constinit std::atomic<std::uint32_t> g_gilsSeen{0};
constinit const char g_tombstone = 0;
constinit const char g_claimed = 0;

std::size_t firstSlot(const void* condition) noexcept
{
    // The finalizer of MurmurHash3 (Austin Appleby, public domain). The interpreters' structs lie at even distances, of
    // which a single multiplication can make neighbours.
    auto hash = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(condition));
    hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCDU;
    hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53U;
    return static_cast<std::size_t>(hash >> (64 - kSlotBits));
}

bool enter(const void* condition, TracedGil& gil, Condition which) noexcept
{
    const std::size_t first = firstSlot(condition);
    for (std::size_t i = first; i < first + kWindow; ++i) {
        Slot& slot = g_slots[i];
        const void* was = slot.condition.load(std::memory_order_relaxed);
        if ((was == nullptr || was == &g_tombstone)
            && slot.condition.compare_exchange_strong(was, &g_claimed, std::memory_order_acquire)) {
            slot.gil = &gil;
            slot.which = which;
            slot.condition.store(condition, std::memory_order_release);
            return true;
        }
    }
    return false;
}

void leave(const void* condition) noexcept
{
    const std::size_t first = firstSlot(condition);
    for (std::size_t i = first; i < first + kWindow; ++i) {
        const void* was = condition;
        if (g_slots[i].condition.compare_exchange_strong(was, &g_tombstone, std::memory_order_release)) {
            return;
        }
    }
}

TracedGil* freeGil() noexcept
{
    for (TracedGil& gil : g_gils) {
        if (!gil.used.load(std::memory_order_relaxed) && !gil.used.exchange(true, std::memory_order_acquire)) {
            return &gil;
        }
    }
    return nullptr;
}

// The inherited GIL that has been made anew in its place, claimed.
TracedGil* madeAnew(const GilParts& parts) noexcept
{
    for (TracedGil& gil : g_gils) {
        if (gil.inherited && gil.released == parts.released && gil.switched == parts.switched
            && !gil.used.exchange(true, std::memory_order_acquire)) {
            return &gil;
        }
    }
    return nullptr;
}

// "GIL", "GIL 2", "GIL 3" ...
void nameOf(std::uint32_t number, char (&name)[16]) noexcept
{
    char* at = name;
    for (const char c : {'G', 'I', 'L'}) {
        *at++ = c;
    }
    if (number > 1) {
        *at++ = ' ';
        char digits[10];
        int count = 0;
        for (; number != 0; number /= 10) {
            digits[count++] = static_cast<char>('0' + number % 10);
        }
        while (count > 0) {
            *at++ = digits[--count];
        }
    }
    *at = '\0';
}

} // namespace

FoundGil findGil(const void* condition) noexcept
{
    const std::size_t first = firstSlot(condition);
    for (std::size_t i = first; i < first + kWindow; ++i) {
        const void* there = g_slots[i].condition.load(std::memory_order_acquire);
        if (there == nullptr) [[likely]] {
            break;
        }
        if (there == condition) {
            return {g_slots[i].gil, g_slots[i].which};
        }
    }
    return {};
}

TracedGil* addGil(const GilParts& parts, std::uint64_t holder) noexcept
{
    const ChannelMap* channel = openChannel();
    if (channel == nullptr) {
        return nullptr;
    }
    TracedGil* gil = madeAnew(parts);
    if (gil == nullptr) {
        const std::uint32_t number = g_gilsSeen.fetch_add(1, std::memory_order_relaxed) + 1;
        gil = freeGil();
        if (gil == nullptr) {
            channel->header().droppedWithoutRing.fetch_add(1, std::memory_order_relaxed);
            return nullptr;
        }
        gil->object = 0;
        gil->number = number;
    }
    gil->mutex = parts.mutex;
    gil->released = parts.released;
    gil->switched = parts.switched;
    gil->inherited = false;
    gil->holder = holder;
    gil->lastHolder = holder;
    gil->switches = 0;
    gil->dropRequested = false;
    if (!ensureObject(*gil)) {
        return nullptr;
    }
    // A GIL of which half is known would be taken and never released.
    if (!enter(parts.released, *gil, Condition::Released) || !enter(parts.switched, *gil, Condition::Switched)) {
        channel->header().droppedWithoutRing.fetch_add(1, std::memory_order_relaxed);
        removeGil(*gil);
        return nullptr;
    }
    return gil;
}

void removeGil(TracedGil& gil) noexcept
{
    leave(gil.released);
    leave(gil.switched);
    gil.generation.fetch_add(1, std::memory_order_relaxed);
    gil.used.store(false, std::memory_order_release);
}

void inheritGils(std::optional<std::uint64_t> forking) noexcept
{
    std::uint32_t seen = 0;
    for (TracedGil& gil : g_gils) {
        gil.inherited = gil.used.load(std::memory_order_relaxed);
        if (!gil.inherited) {
            continue;
        }
        gil.object = 0;
        gil.generation.fetch_add(1, std::memory_order_relaxed); // who waited for it did so in the parent
        gil.dropRequested = false;
        seen = gil.number > seen ? gil.number : seen;
        if (forking && gil.holder != *forking) {
            gil.holder = 0; // whoever holds it is not here to let go of it
        }
    }
    g_gilsSeen.store(seen, std::memory_order_relaxed);
}

TracedGil* inheritedGilOf(std::uint64_t serial) noexcept
{
    for (TracedGil& gil : g_gils) {
        if (serial != 0 && gil.inherited && gil.holder == serial && gil.used.load(std::memory_order_relaxed)) {
            return &gil;
        }
    }
    return nullptr;
}

bool ensureObject(TracedGil& gil) noexcept
{
    if (gil.object != 0) [[likely]] {
        return true;
    }
    const ChannelMap* channel = openChannel();
    if (channel == nullptr) {
        return false;
    }
    char name[16];
    nameOf(gil.number, name);
    gil.object = channel->addObject(ObjectKind::Gil, name, ownPid());
    if (gil.object == 0) {
        channel->header().droppedWithoutRing.fetch_add(1, std::memory_order_relaxed);
        removeGil(gil);
        return false;
    }
    return true;
}

TracedGil* nextHeldGil(std::uint64_t holder, TracedGil* last) noexcept
{
    for (TracedGil* gil = last != nullptr ? last + 1 : g_gils.data(); gil != g_gils.data() + g_gils.size(); ++gil) {
        if (holder != 0 && gil->used.load(std::memory_order_relaxed) && gil->holder == holder && gil->object != 0) {
            return gil;
        }
    }
    return nullptr;
}

bool anyGilSeen() noexcept
{
    return g_gilsSeen.load(std::memory_order_relaxed) != 0;
}

} // namespace timeslice::probe
