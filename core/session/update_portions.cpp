#include "core/session/update_portions.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace timeslice {

namespace {

/// So many bytes of output are as much work as an event.
constexpr std::size_t kBytesAsEvent = 16;

std::size_t costOf(const RunUpdate& update)
{
    const auto* output = std::get_if<VariantOutput>(&update);
    return 1 + (output != nullptr ? output->text.size() / kBytesAsEvent : 0);
}

/// The next events of a batch that is too large for one portion. What comes before the events goes with the first
/// piece; what is only known when all of them are in (`usage`, `drainedAt`) stays for the last.
Batch pieceOf(Batch& batch, std::size_t from, std::size_t count)
{
    Batch piece;
    piece.objects = std::exchange(batch.objects, {});
    piece.names = std::exchange(batch.names, {});
    piece.lost = batch.lost;
    piece.source = batch.source;
    const auto first = batch.events.begin() + static_cast<std::ptrdiff_t>(from);
    piece.events.assign(first, first + static_cast<std::ptrdiff_t>(count));
    piece.drainedAt = piece.events.back().time; // they are sorted
    return piece;
}

} // namespace

void UpdatePortions::push(std::vector<RunUpdate> updates)
{
    std::move(updates.begin(), updates.end(), std::back_inserter(m_updates));
}

std::vector<RunUpdate> UpdatePortions::take(std::size_t events)
{
    std::vector<RunUpdate> taken;
    std::size_t left = std::max<std::size_t>(1, events);
    while (!m_updates.empty() && left > 0) {
        RunUpdate& next = m_updates.front();
        if (auto* batches = std::get_if<VariantBatches>(&next)) {
            taken.emplace_back(takeBatches(*batches, left));
            if (m_batch < batches->batches.size()) {
                break;
            }
            m_batch = 0;
        } else {
            left -= std::min(left, costOf(next));
            taken.push_back(std::move(next));
        }
        m_updates.pop_front();
    }
    return taken;
}

VariantBatches UpdatePortions::takeBatches(VariantBatches& from, std::size_t& events)
{
    VariantBatches part{from.variant, {}};
    while (m_batch < from.batches.size() && events > 0) {
        Batch& batch = from.batches[m_batch];
        const std::size_t left = batch.events.size() - m_event;
        if (left > events) {
            part.batches.push_back(pieceOf(batch, m_event, events));
            m_event += events;
            events = 0;
            break;
        }
        batch.events.erase(batch.events.begin(), batch.events.begin() + static_cast<std::ptrdiff_t>(m_event));
        part.batches.push_back(std::move(batch));
        events -= std::min(events, left + 1); // an empty one costs something, too
        m_event = 0;
        ++m_batch;
    }
    return part;
}

} // namespace timeslice
