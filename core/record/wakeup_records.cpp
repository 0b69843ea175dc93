#include "core/record/wakeup_records.h"

#include "core/record/perf_record_layout.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace timeslice {

using namespace perf;

namespace {

// enum trace_flag_type in linux/trace_events.h: what the core was interrupted by.
constexpr std::uint8_t kHardInterrupt = 0x08;
constexpr std::uint8_t kSoftInterrupt = 0x10;
constexpr std::uint8_t kNonMaskable = 0x40;

} // namespace

Result<WakeupLayout> WakeupLayout::of(const Tracepoint& waking, const Tracepoint& wakeup)
{
    const auto type = waking.offsetOf("common_type", sizeof(std::uint16_t));
    const auto flags = waking.offsetOf("common_flags", sizeof(std::uint8_t));
    const auto pid = waking.offsetOf("pid", sizeof(std::int32_t));
    const bool same = type && flags && pid && type == wakeup.offsetOf("common_type", sizeof(std::uint16_t))
        && pid == wakeup.offsetOf("pid", sizeof(std::int32_t));
    constexpr std::uint64_t kMostId = std::numeric_limits<std::uint16_t>::max();
    if (!same || waking.id > kMostId || wakeup.id > kMostId) {
        return fail("this kernel describes wake-ups in a way that is not known here", ErrorKind::Unsupported);
    }
    return WakeupLayout{
        static_cast<std::uint16_t>(waking.id), static_cast<std::uint16_t>(wakeup.id), *type, *flags, *pid};
}

void WakeupRecords::learnOwn(std::span<const Event> events)
{
    Tid before = 0;
    for (const Event& event : events) {
        if (event.tid != before) {
            m_own.insert_or_assign(event.tid, event.pid);
        }
        if (event.kind == EventKind::ThreadExit) {
            m_ended.push_back(event.tid); // it was woken before, maybe in what is still to be parsed
        }
        before = event.tid;
    }
}

std::size_t WakeupRecords::parse(std::span<const std::byte> bytes)
{
    std::size_t foreign = 0;
    while (!bytes.empty()) {
        const auto header = readAt<perf_event_header>(bytes, 0);
        if (!header || header->size < sizeof *header || header->size > bytes.size()) {
            ++m_malformed; // without a size there is no next record to go on with
            break;
        }
        const std::span<const std::byte> record = bytes.first(header->size);
        if (header->type == PERF_RECORD_SAMPLE) {
            const Whose whose = parseSample(record.subspan(sizeof *header));
            foreign += whose == Whose::Others ? 1 : 0;
            m_malformed += whose == Whose::Nobodys ? 1 : 0;
        } else if (header->type == PERF_RECORD_LOST) {
            m_lost += readAt<LostBody>(bodyOf(record), 0).value_or(LostBody{}).lost;
        }
        bytes = bytes.subspan(header->size);
    }
    return foreign;
}

WakeupRecords::Whose WakeupRecords::parseSample(std::span<const std::byte> body)
{
    const auto id = readAt<SampleId>(body, 0); // then the length of the raw bytes, and these
    const auto rawBytes = readAt<std::uint32_t>(body, sizeof(SampleId));
    constexpr std::size_t kBeforeRaw = sizeof(SampleId) + sizeof(std::uint32_t);
    if (!id || !rawBytes || *rawBytes > body.size() - kBeforeRaw) {
        return Whose::Nobodys;
    }
    const std::span<const std::byte> raw = body.subspan(kBeforeRaw, *rawBytes);
    const auto type = readAt<std::uint16_t>(raw, m_layout.type);
    const auto flags = readAt<std::uint8_t>(raw, m_layout.flags);
    const auto pid = readAt<std::int32_t>(raw, m_layout.pid);
    if (!type || !flags || !pid || *pid <= 0 || (*type != m_layout.waking && *type != m_layout.wakeup)) {
        return Whose::Nobodys;
    }
    if (!m_own.contains(*pid)) {
        return Whose::Others;
    }
    Sample sample{id->time, *pid, static_cast<CpuId>(id->cpu), *type == m_layout.waking, false, {}};
    if (sample.waking) {
        // Whoever was on the core when an interrupt came has nothing to do with it; nor has the idle thread.
        const bool interrupt = (*flags & (kHardInterrupt | kSoftInterrupt | kNonMaskable)) != 0 || id->tid <= 0;
        sample.by = interrupt ? WokenBy{WokenBy::Kind::Interrupt, 0} : WokenBy{WokenBy::Kind::Thread, id->tid};
    }
    m_samples.push_back(sample);
    return Whose::Own;
}

void WakeupRecords::conclude(Batch& batch, bool last)
{
    std::stable_sort(
        m_samples.begin(), m_samples.end(), [](const Sample& a, const Sample& b) { return a.time < b.time; });
    std::vector<Sample> waiting;
    for (Sample& sample : m_samples) {
        if (sample.waking) {
            m_wakers[sample.tid] = sample.by;
            continue;
        }
        const auto own = m_own.find(sample.tid);
        if (own == m_own.end()) {
            continue; // it waited for its waker, and the thread has ended meanwhile
        }
        const auto waker = m_wakers.find(sample.tid);
        if (waker == m_wakers.end() && !sample.waited && !last) {
            sample.waited = true;
            waiting.push_back(sample);
            continue;
        }
        const WokenBy by = waker != m_wakers.end() ? waker->second : WokenBy{};
        batch.events.push_back({sample.time, sample.tid, own->second, EventKind::Wakeup, sample.cpu, 0, by.bits()});
        if (waker != m_wakers.end()) {
            m_wakers.erase(waker);
        }
    }
    m_samples = std::move(waiting);
    for (const Tid tid : m_ended) {
        m_own.erase(tid);
        m_wakers.erase(tid);
    }
    m_ended.clear();
    batch.lost.wakeups = m_lost;
    batch.lost.malformed += m_malformed;
}

} // namespace timeslice
