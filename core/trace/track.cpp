#include "core/trace/track.h"

#include <algorithm>
#include <cassert>

namespace timeslice {

namespace {

constexpr std::uint32_t kCauseBits = SliceValue(SliceState::Absent, static_cast<Cause>(31), 0, 0).bits();
constexpr std::size_t kCacheLine = 64;

constexpr std::size_t categoryOf(std::uint32_t bits) noexcept
{
    return SliceValue::fromBits(bits).category();
}

/// Last index with begins[i] <= t, given begins[0] <= t. Branchless: the outcome of a comparison is a coin toss.
std::size_t lastNotAfter(const Nanos* begins, std::size_t count, Nanos t) noexcept
{
    std::size_t base = 0;
    while (count > 1) {
        const std::size_t half = count / 2;
        base = begins[base + half] <= t ? base + half : base;
        count -= half;
    }
    return base;
}

/// Must be inlined: to GCC 12 a function that only prefetches has no effect, and it leaves calls of it out.
[[gnu::always_inline]] inline void prefetch(const void* from, std::size_t bytes) noexcept
{
    for (std::size_t offset = 0; offset < bytes; offset += kCacheLine) {
        __builtin_prefetch(static_cast<const char*>(from) + offset);
    }
}

} // namespace

// --- Writing

void Track::append(Nanos begin, SliceValue value)
{
    assert(!m_closed);
    if (m_size > 0) {
        const Nanos last = beginOf(m_size - 1);
        assert(begin >= last);
        if (begin == last) {
            shrink(m_size - 1);
        }
        if (m_size > 0 && ((valueBits(m_size - 1) ^ value.bits()) & ~kCauseBits) == 0) {
            m_end = std::max(m_end, begin);
            return;
        }
    }
    push(begin, value.bits());
}

void Track::push(Nanos begin, std::uint32_t bits)
{
    const std::size_t at = m_size % kBlock;
    if (at == 0) {
        const std::size_t blocks = m_blocks.size();
        Block& block = m_blocks.grow();
        if (blocks == 0) {
            block.sums = Shares{};
            m_end = begin;
        } else {
            const Block& previous = m_blocks[blocks - 1];
            block.sums = previous.sums;
            addBlock(block.sums, previous, kBlock, begin);
        }
    }
    if (at % kHalf == 0) {
        if (m_halfBegins.size() % kFanOut == 0) {
            if (m_groupBegins.size() % kFanOut == 0) {
                m_topBegins.push_back(begin);
            }
            m_groupBegins.push_back(begin);
        }
        m_halfBegins.grow() = begin;
    }
    Block& block = m_blocks.back();
    block.begins[at] = begin;
    block.values[at] = bits;
    ++m_size;
    m_end = std::max(m_end, begin);
}

void Track::shrink(std::size_t size)
{
    m_size = size;
    const std::size_t halves = (size + kHalf - 1) / kHalf;
    if (halves != m_halfBegins.size()) {
        const std::size_t groups = (halves + kFanOut - 1) / kFanOut;
        m_blocks.shrink((size + kBlock - 1) / kBlock);
        m_halfBegins.shrink(halves);
        m_groupBegins.resize(groups);
        m_topBegins.resize((groups + kFanOut - 1) / kFanOut);
    }
}

void Track::truncate(Nanos t)
{
    if (m_size == 0 || t > m_end) {
        return;
    }
    if (t <= begin()) {
        shrink(0);
        m_end = 0;
        m_closed = false;
        return;
    }
    const std::size_t kept = covering(t - 1) + 1;
    if (kept == m_size && t == m_end) {
        return;
    }
    shrink(kept);
    m_end = t;
    m_closed = false;
}

void Track::extendTo(Nanos end)
{
    assert(!m_closed);
    if (m_size > 0) {
        m_end = std::max(m_end, end);
    }
}

void Track::addBlock(Shares& sums, const Block& block, std::size_t count, Nanos end) noexcept
{
    for (std::size_t i = 0; i + 1 < count; ++i) {
        sums[categoryOf(block.values[i])] += block.begins[i + 1] - block.begins[i];
    }
    sums[categoryOf(block.values[count - 1])] += end - block.begins[count - 1];
}

void Track::rebuildSums()
{
    for (std::size_t b = 1; b < m_blocks.size(); ++b) {
        m_blocks[b].sums = m_blocks[b - 1].sums;
        addBlock(m_blocks[b].sums, m_blocks[b - 1], kBlock, m_blocks[b].begins[0]);
    }
}

bool Track::restore(std::span<const Nanos> begins, std::span<const std::uint32_t> values)
{
    bool good = begins.size() == values.size() && !m_closed;
    for (std::size_t i = 0; good && i < begins.size(); ++i) {
        good = m_size == 0 || begins[i] > beginOf(m_size - 1);
        if (good) {
            push(begins[i], values[i]);
        }
    }
    if (!good) {
        *this = Track();
    }
    return good;
}

// --- Reading

Slice Track::slice(std::size_t index) const
{
    assert(index < m_size);
    return {beginOf(index), endOf(index), value(index), index + 1 == m_size && !m_closed};
}

std::size_t Track::topAt(Nanos t) const noexcept
{
    return lastNotAfter(m_topBegins.data(), m_topBegins.size(), t);
}

std::size_t Track::groupAt(Nanos t, std::size_t top) const noexcept
{
    const std::size_t first = top * kFanOut;
    return first + lastNotAfter(m_groupBegins.data() + first, std::min(kFanOut, m_groupBegins.size() - first), t);
}

std::size_t Track::halfInGroup(Nanos t, std::size_t group) const noexcept
{
    // A group's begins are contiguous: a chunk holds a whole number of groups.
    const std::size_t first = group * kFanOut;
    return first + lastNotAfter(&m_halfBegins[first], std::min(kFanOut, m_halfBegins.size() - first), t);
}

std::size_t Track::halfAt(Nanos t) const noexcept
{
    return halfInGroup(t, groupAt(t, topAt(t)));
}

bool Track::halfCovers(std::size_t half, Nanos t) const noexcept
{
    return half < m_halfBegins.size() && m_halfBegins[half] <= t
        && (half + 1 == m_halfBegins.size() || t < m_halfBegins[half + 1]);
}

std::size_t Track::indexInHalf(Nanos t, std::size_t half) const noexcept
{
    const std::size_t first = half * kHalf;
    return first
        + lastNotAfter(m_blocks[first / kBlock].begins.data() + first % kBlock, std::min(kHalf, m_size - first), t);
}

std::size_t Track::covering(Nanos t) const noexcept
{
    return indexInHalf(t, halfAt(t));
}

std::size_t Track::indexAt(Nanos t) const
{
    return m_size == 0 || t < begin() || t >= m_end ? m_size : covering(t);
}

std::size_t Track::firstEndingAfter(Nanos t) const
{
    if (m_size == 0 || t >= m_end) {
        return m_size;
    }
    return t < begin() ? 0 : covering(t);
}

Shares Track::sumsUntil(Nanos t, std::size_t index) const noexcept
{
    const std::size_t number = index / kBlock;
    const std::size_t at = index % kBlock;
    const Block& block = m_blocks[number];
    if (at < kHalf || number + 1 == m_blocks.size()) {
        Shares sums = block.sums;
        addBlock(sums, block, at + 1, t);
        return sums;
    }
    // Back from where the next block begins: half the way at most, and half the memory to fetch.
    Shares sums = m_blocks[number + 1].sums;
    Nanos end = m_halfBegins[(number + 1) * kBlock / kHalf];
    for (std::size_t i = kBlock - 1; i > at; --i) {
        sums[categoryOf(block.values[i])] -= end - block.begins[i];
        end = block.begins[i];
    }
    sums[categoryOf(block.values[at])] -= end - t;
    return sums;
}

Shares Track::shares(TimeRange range) const
{
    const Nanos from = std::max(range.begin, begin());
    const Nanos to = std::min(range.end, m_end);
    if (m_size == 0 || from >= to) {
        return Shares{};
    }
    const Shares before = sumsUntil(from, covering(from));
    Shares result = sumsUntil(to, covering(to));
    for (std::size_t c = 0; c < result.size(); ++c) {
        result[c] -= before[c];
    }
    return result;
}

std::size_t Track::memoryBytes() const noexcept
{
    return sizeof(*this) + m_blocks.memoryBytes() + m_halfBegins.memoryBytes()
        + (m_groupBegins.capacity() + m_topBegins.capacity()) * sizeof(Nanos);
}

std::size_t Track::copyColumns(std::size_t first, std::span<Nanos> begins, std::span<std::uint32_t> values) const
{
    assert(begins.size() == values.size() && first <= m_size);
    const std::size_t count = std::min(begins.size(), m_size - first);
    for (std::size_t i = 0; i < count; ++i) {
        begins[i] = beginOf(first + i);
        values[i] = valueBits(first + i);
    }
    return count;
}

// --- Cursor

Shares Track::Cursor::advance(Nanos from, Nanos to)
{
    const Track& track = *m_track;
    const Nanos clippedFrom = std::max(from, track.begin());
    const Nanos clippedTo = std::min(to, track.m_end);
    if (track.m_size == 0 || clippedFrom >= clippedTo) {
        m_first = m_last = track.m_size;
        return Shares{};
    }
    moveTo(clippedFrom);
    const Shares before = m_sums;
    m_first = m_index;
    moveTo(clippedTo);
    m_last = m_index > m_first && track.beginOf(m_index) == clippedTo ? m_index - 1 : m_index;
    lookAhead(clippedTo, clippedTo - clippedFrom);
    Shares result;
    for (std::size_t c = 0; c < result.size(); ++c) {
        result[c] = m_sums[c] - before[c];
    }
    return result;
}

bool Track::Cursor::isNear(Nanos t) const
{
    const Track& track = *m_track;
    if (t < m_at || m_at < track.begin()) {
        return false;
    }
    // Two halves on, by the index: what lies in the blocks may not be in the cache.
    const std::size_t half = m_index / kHalf + 2;
    if (half < track.m_halfBegins.size() && track.m_halfBegins[half] <= t) {
        return false;
    }
    return m_index + kWalk >= track.m_size || track.beginOf(m_index + kWalk) > t;
}

void Track::Cursor::moveTo(Nanos t)
{
    const Track& track = *m_track;
    if (t == m_at) {
        return;
    }
    if (!isNear(t)) {
        jumpTo(t);
        return;
    }
    const std::size_t last = track.m_size - 1;
    while (m_index < last) {
        const Nanos end = track.beginOf(m_index + 1);
        if (end > t) {
            break;
        }
        m_sums[categoryOf(track.valueBits(m_index))] += end - m_at;
        m_at = end;
        ++m_index;
    }
    m_sums[categoryOf(track.valueBits(m_index))] += t - m_at;
    m_at = t;
}

void Track::Cursor::jumpTo(Nanos t)
{
    const Track& track = *m_track;
    const std::size_t guess = m_ahead[m_now].half;
    const std::size_t half = guess != kNone && track.halfCovers(guess, t) ? guess : track.halfAt(t);
    m_index = track.indexInHalf(t, half);
    m_sums = track.sumsUntil(t, m_index);
    m_at = t;
}

/// Zoomed out, each boundary lies in memory that was not touched for a frame: two cache misses of some 100 ns each,
/// times pixels, times rows. They are fetched in two stages while the boundaries before them are worked on.
void Track::Cursor::lookAhead(Nanos to, Nanos step)
{
    const Track& track = *m_track;
    m_now = (m_now + 1) % kIndexAhead;
    Ahead& farthest = m_ahead[(m_now + kIndexAhead - 1) % kIndexAhead];
    farthest = Ahead();
    const std::size_t halvesOn = m_index / kHalf + 2;
    if (halvesOn >= track.m_halfBegins.size() || track.m_halfBegins[halvesOn] > to + step) {
        return; // the next boundary is close: no need
    }
    const Nanos left = track.m_end - to;
    if (step < left / static_cast<Nanos>(kIndexAhead)) {
        const Nanos t = to + step * static_cast<Nanos>(kIndexAhead);
        std::size_t top = m_aheadTop;
        for (int hops = 0; hops < 4 && top + 1 < track.m_topBegins.size() && track.m_topBegins[top + 1] <= t; ++hops) {
            ++top;
        }
        if (top + 1 < track.m_topBegins.size() && track.m_topBegins[top + 1] <= t) {
            top = track.topAt(t);
        }
        m_aheadTop = top;
        farthest.group = track.groupAt(t, top);
        prefetch(&track.m_halfBegins[farthest.group * kFanOut], kFanOut * sizeof(Nanos));
    }
    Ahead& nearer = m_ahead[(m_now + kHalfAhead - 1) % kIndexAhead];
    if (nearer.group != kNone && nearer.half == kNone) {
        nearer.half = track.halfInGroup(to + step * static_cast<Nanos>(kHalfAhead), nearer.group);
        // What indexInHalf() and sumsUntil() will read.
        const std::size_t number = nearer.half * kHalf / kBlock;
        const std::size_t at = nearer.half * kHalf % kBlock;
        const Block& block = track.m_blocks[number];
        const bool forward = at < kHalf || number + 1 == track.m_blocks.size();
        prefetch(forward ? &block.sums : &track.m_blocks[number + 1].sums, sizeof(Shares));
        prefetch(&block.begins[at], kHalf * sizeof(Nanos));
        prefetch(&block.values[at], kHalf * sizeof(std::uint32_t));
    }
}

} // namespace timeslice
