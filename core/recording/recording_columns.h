// Columns of a .timeslice section: the fields of its entries one after another.
#pragma once

#include "core/base/time.h"
#include "core/recording/recording_format.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace timeslice::recording_format {

/// Bytes of an entry in each kind of column section.
inline constexpr std::size_t kSliceBytes = 8 + 4; ///< begin, value
inline constexpr std::size_t kUsageBytes = 8 + 8 + 2 + 3 * 4; ///< begin, end, cpu, busy, stolen, idle
inline constexpr std::size_t kMomentBytes = 8 + 4 + 2; ///< time, thread, kind
inline constexpr std::size_t kFalseAlarmBytes = 8 + 4; ///< time, lock
inline constexpr std::size_t kAccessBytes = 8 + 8 + 4 + 1; ///< time, value, thread, store
inline constexpr std::size_t kMarkBytes = 8 + 4 + 4 + 8; ///< time, thread, object, value
inline constexpr std::size_t kLatencyBytes = 8 + 4 + 8; ///< time, thread, delay
inline constexpr std::size_t kMemoryBytes = 8 + 4 + 3 * 8; ///< time, pid, rss, pss, private
inline constexpr std::size_t kEventBytes = 8 + 4 + 4 + 2 + 2 + 4 + 8; ///< time, tid, pid, kind, cpu, object, value
static_assert(kEventBytes * kEntriesPerSection <= kMaxRawBytes);
static_assert(kUsageBytes * kEntriesPerSection <= kMaxRawBytes);

/// Builds the bytes of a section.
class ColumnsOut {
public:
    void clear() { m_bytes.clear(); }
    std::span<const std::byte> bytes() const { return m_bytes; }

    template <class Entries, class Field> void add(const Entries& entries, Field field)
    {
        using Value = std::decay_t<decltype(field(*entries.begin()))>;
        static_assert(std::is_arithmetic_v<Value>);
        std::byte* to = grow(entries.size() * sizeof(Value));
        for (const auto& entry : entries) {
            const Value value = field(entry);
            std::memcpy(to, &value, sizeof(Value));
            to += sizeof(Value);
        }
    }
    /// The first in full, the others as what they add to the one before.
    template <class Entries, class Field> void addTimes(const Entries& entries, Field field)
    {
        Nanos before = 0;
        add(entries, [&before, &field](const auto& entry) {
            const Nanos time = field(entry);
            const Nanos difference = time - before;
            before = time;
            return difference;
        });
    }

private:
    std::byte* grow(std::size_t count)
    {
        m_bytes.resize(m_bytes.size() + count);
        return m_bytes.data() + m_bytes.size() - count;
    }

    std::vector<std::byte> m_bytes;
};

/// Takes a section's bytes apart again. Knows nothing of what they mean; whoever asks checks the values.
class ColumnsIn {
public:
    template <class Value> class Column {
    public:
        explicit Column(const std::byte* bytes)
            : m_bytes(bytes)
        {
        }
        Value operator[](std::size_t i) const
        {
            Value value;
            std::memcpy(&value, m_bytes + i * sizeof(Value), sizeof(Value));
            return value;
        }

    private:
        const std::byte* m_bytes;
    };

    /// Nothing if the bytes are no whole number of entries of `entryBytes`.
    static std::optional<ColumnsIn> of(std::span<const std::byte> bytes, std::size_t entryBytes)
    {
        if (bytes.size() % entryBytes != 0) {
            return std::nullopt;
        }
        return ColumnsIn(bytes.data(), bytes.size() / entryBytes);
    }

    std::size_t count() const noexcept { return m_count; }
    template <class Value> Column<Value> next()
    {
        const std::byte* column = m_at;
        m_at += m_count * sizeof(Value);
        return Column<Value>(column);
    }
    enum class Order { Ascending, Any };
    /// The times of addTimes(); false if they do not ascend where they should, or lie beyond kLatestTime.
    bool nextTimes(std::vector<Nanos>& times, Order order = Order::Ascending)
    {
        const auto differences = next<Nanos>();
        times.resize(m_count);
        Nanos time = 0;
        bool good = true;
        for (std::size_t i = 0; i < m_count && good; ++i) {
            const Nanos difference = differences[i];
            const bool mayBeNegative = i == 0 || order == Order::Any;
            good = difference <= kLatestTime && difference >= (mayBeNegative ? -kLatestTime : 0);
            if (good) {
                time += difference; // both are within +-2^61
                good = time <= kLatestTime && time >= -kLatestTime;
            }
            times[i] = time;
        }
        return good;
    }

private:
    ColumnsIn(const std::byte* bytes, std::size_t count)
        : m_at(bytes)
        , m_count(count)
    {
    }

    const std::byte* m_at;
    std::size_t m_count;
};

} // namespace timeslice::recording_format
