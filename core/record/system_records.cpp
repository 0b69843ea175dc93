#include "core/record/system_records.h"

#include "core/base/clean_name.h"
#include "core/record/perf_record_layout.h"
#include "core/trace/slice.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace timeslice {

using namespace perf;

namespace {

constexpr int kMostLookups = 200; // in one drain; each opens a file
constexpr Nanos kLeaving = kSecond; // a thread still needs its core for a while when its exit has been recorded
constexpr Nanos kAlways = std::numeric_limits<Nanos>::max();

/// Calls `take` for each record as far as their sizes make sense.
template <class Record, class Take> void forEachRecord(std::span<const std::byte> bytes, Take take)
{
    while (!bytes.empty()) {
        const auto header = readAt<perf_event_header>(bytes, 0);
        if (!header || header->size < sizeof *header || header->size > bytes.size()) {
            return;
        }
        const std::span<const std::byte> record = bytes.first(header->size);
        if (record.size() >= sizeof *header + sizeof(SampleId)) {
            take(Record{*header, *readAt<SampleId>(record, record.size() - sizeof(SampleId)), bodyOf(record)});
        }
        bytes = bytes.subspan(header->size);
    }
}

} // namespace

struct SystemRecords::Record {
    perf_event_header header;
    SampleId id;
    std::span<const std::byte> body;
};

SystemRecords::SystemRecords(std::vector<CpuId> cpus, Known known, Lookup lookup)
    : m_known(std::move(known))
    , m_lookup(std::move(lookup))
{
    for (const CpuId cpu : cpus) {
        m_cores.emplace_back().cpu = cpu;
    }
    m_own[m_known.root] = kAlways;
}

void SystemRecords::learnOwn(std::span<const Event> events)
{
    Tid before = 0;
    for (const Event& event : events) {
        if (event.kind == EventKind::ThreadExit) {
            m_own[event.tid] = event.time + kLeaving;
        } else if (event.kind == EventKind::ThreadBorn) {
            m_own[event.tid] = kAlways;
        } else if (event.tid != before) {
            m_own.try_emplace(event.tid, kAlways);
        }
        before = event.tid;
    }
}

bool SystemRecords::isOwn(Tid tid, Nanos time) const
{
    const auto found = m_own.find(tid);
    return found != m_own.end() && time <= found->second;
}

void SystemRecords::translate(const std::vector<Ring>& rings, Nanos now, Batch& batch)
{
    m_lookups = 0;
    // Names first: a process may be born on one core and run on another, whose ring comes before.
    for (const Ring& ring : rings) {
        forEachRecord<Record>(ring.bytes, [this](const Record& record) {
            if (record.header.type != PERF_RECORD_SWITCH_CPU_WIDE) {
                noteTask(record);
            }
        });
    }
    for (std::size_t i = 0; i < std::min(rings.size(), m_cores.size()); ++i) {
        Core& core = m_cores[i];
        core.piece.reset();
        forEachRecord<Record>(rings[i].bytes, [&](const Record& record) {
            core.last = std::max<Nanos>(core.last, record.id.time);
            if (record.header.type == PERF_RECORD_SWITCH_CPU_WIDE) {
                noteSwitch(core, record, batch);
            } else if (record.header.type == PERF_RECORD_LOST) {
                m_lost += readAt<LostBody>(record.body, 0).value_or(LostBody{}).lost;
                core.since = -1;
                core.met = true;
            }
        });
        const Nanos until = rings[i].crowded ? std::min(core.last, now) : now;
        if (core.since >= 0 && core.program != kUndecided) {
            emit(core, until, core.program, batch);
            core.since = std::max(core.since, until);
        }
    }
    for (const Pid pid : m_ended) {
        m_namings.erase(pid);
    }
    m_ended.clear();
    batch.lost.others = m_lost;
}

void SystemRecords::noteSwitch(Core& core, const Record& record, Batch& batch)
{
    const auto other = readAt<CpuWideBody>(record.body, 0);
    if (!other || record.id.time < 0 || record.id.time > kLatestTime) {
        return;
    }
    const Nanos time = std::max<Nanos>(record.id.time, core.since); // a straggler
    const bool out = (record.header.misc & PERF_RECORD_MISC_SWITCH_OUT) != 0;
    const auto comes = out ? std::pair(other->pid, other->tid) : std::pair(record.id.pid, record.id.tid);
    if (out && !core.met && core.since < 0) { // whoever leaves first was there from the beginning
        core.since = std::min(m_known.opened, time);
        core.program = programOf(record.id.pid, record.id.tid, core.since, batch);
    }
    core.met = true;
    if (out) {
        leave(core, time, (record.header.misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) != 0, batch);
    }
    const std::uint32_t program = programOf(comes.first, comes.second, time, batch);
    // The record of its coming tells what that of the other's leaving has told; the core is the newcomer's since then.
    if (out || core.since < 0 || program != core.program) {
        if (!out && core.since >= 0) {
            leave(core, time, true, batch);
        }
        core.since = time;
        core.program = program;
    }
}

void SystemRecords::leave(Core& core, Nanos time, bool preempted, Batch& batch)
{
    if (core.since < 0) {
        return;
    }
    if (core.program != kUndecided) {
        emit(core, time, core.program, batch);
    } else if (!preempted) {
        if (!m_unseen) {
            m_unseen = m_programs++;
            batch.programs.emplace_back();
        }
        emit(core, time, *m_unseen, batch);
    }
    core.since = -1;
}

void SystemRecords::emit(Core& core, Nanos end, std::uint32_t program, Batch& batch)
{
    if (end <= core.since) {
        return;
    }
    if (core.piece && batch.others[*core.piece].end == core.since && batch.others[*core.piece].program == program) {
        batch.others[*core.piece].end = end;
        return;
    }
    core.piece = batch.others.size();
    batch.others.push_back({core.since, end, core.cpu, program});
}

std::vector<SystemRecords::Naming>& SystemRecords::namingsOf(Pid pid)
{
    std::vector<Naming>& namings = m_namings[pid];
    if (namings.empty()) {
        std::optional<OtherProgram> found;
        if (m_lookups < kMostLookups) {
            ++m_lookups;
            found = m_lookup(pid);
        }
        namings.push_back({0, found.value_or(OtherProgram{pid, {}, OtherProgram::Kind::Program}), std::nullopt});
    }
    return namings;
}

std::uint32_t SystemRecords::programOf(Pid pid, Tid tid, Nanos time, Batch& batch)
{
    if (tid <= 0 || pid <= 0) {
        return m_known.allVisible ? OthersRun::kNobody : kUndecided;
    }
    if (isOwn(tid, time) || isOwn(pid, time)) {
        return OthersRun::kNobody;
    }
    std::vector<Naming>& namings = namingsOf(pid);
    const auto after = std::upper_bound(
        namings.begin(), namings.end(), time, [](Nanos t, const Naming& naming) { return t < naming.since; });
    Naming& naming = after == namings.begin() ? *after : *(after - 1);
    if (!naming.index && m_programs > SliceValue::kMaxSubject - 1) {
        return kUndecided; // more than a track can tell apart
    }
    if (!naming.index) {
        naming.index = m_programs++;
        const bool ours = std::find(m_known.ours.begin(), m_known.ours.end(), pid) != m_known.ours.end();
        OtherProgram program = naming.program;
        program.pid = pid;
        if (ours) {
            program.name = "Timeslice";
            program.kind = OtherProgram::Kind::Timeslice;
        }
        batch.programs.push_back(std::move(program));
    }
    return *naming.index;
}

void SystemRecords::addNaming(Pid pid, Naming naming)
{
    std::vector<Naming>& namings = m_namings[pid];
    const auto after = std::upper_bound(
        namings.begin(), namings.end(), naming.since, [](Nanos t, const Naming& other) { return t < other.since; });
    namings.insert(after, std::move(naming));
}

void SystemRecords::noteTask(const Record& record)
{
    const Nanos time = record.id.time;
    if (record.header.type == PERF_RECORD_COMM) {
        const auto comm = readAt<CommBody>(record.body, 0);
        if (comm && comm->tid == comm->pid && comm->pid > 0) {
            const std::span<const std::byte> bytes = record.body.subspan(sizeof(CommBody));
            std::string name = cleanName({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            addNaming(comm->pid, {time, {comm->pid, std::move(name), OtherProgram::Kind::Program}, std::nullopt});
        }
        return;
    }
    const auto task = record.header.type == PERF_RECORD_FORK || record.header.type == PERF_RECORD_EXIT
        ? readAt<TaskBody>(record.body, 0)
        : std::nullopt;
    if (!task || task->tid != task->pid || task->pid <= 0) {
        return;
    }
    if (record.header.type == PERF_RECORD_EXIT) {
        m_ended.push_back(task->pid);
        return;
    }
    if (!isOwn(task->parentTid, time) && !isOwn(task->parentPid, time)) {
        OtherProgram program = namingsOf(task->parentPid).back().program;
        addNaming(task->pid, {time, std::move(program), std::nullopt});
    }
}

} // namespace timeslice
