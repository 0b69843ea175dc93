#include "core/record/perf_records.h"

#include "core/base/clean_name.h"
#include "core/record/perf_record_layout.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace timeslice {

using namespace perf;

void PerfRecords::seed(Pid pid, std::string name)
{
    m_changes.push_back({0, NameChange::Kind::Named, pid, pid, 0, std::move(name)});
}

void PerfRecords::parse(std::span<const std::byte> bytes, Batch& batch)
{
    while (!bytes.empty()) {
        const auto header = readAt<perf_event_header>(bytes, 0);
        if (!header || header->size < sizeof *header || header->size > bytes.size()) {
            ++m_malformed; // without a size there is no next record to go on with
            return;
        }
        if (!parseOne(bytes.first(header->size), batch)) {
            ++m_malformed;
        }
        bytes = bytes.subspan(header->size);
    }
}

bool PerfRecords::parseOne(std::span<const std::byte> record, Batch& batch)
{
    const auto header = readAt<perf_event_header>(record, 0);
    const auto id = record.size() < sizeof *header + sizeof(SampleId)
        ? std::nullopt
        : readAt<SampleId>(record, record.size() - sizeof(SampleId));
    if (!id) {
        return false;
    }
    const std::span<const std::byte> body = bodyOf(record);
    const auto cpu = static_cast<CpuId>(id->cpu);
    switch (header->type) {
    case PERF_RECORD_SWITCH: {
        if (id->tid <= 0 || id->pid <= 0) {
            return false;
        }
        Event event{id->time, id->tid, id->pid, EventKind::SwitchIn, cpu, 0, 0};
        if ((header->misc & PERF_RECORD_MISC_SWITCH_OUT) != 0) {
            const bool preempted = (header->misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) != 0;
            event.kind = EventKind::SwitchOut;
            event.value = static_cast<std::uint64_t>(preempted ? SwitchOutReason::Preempted : SwitchOutReason::Blocked);
        }
        batch.events.push_back(event);
        return true;
    }
    case PERF_RECORD_FORK: {
        const auto task = readAt<TaskBody>(body, 0);
        if (!task || task->tid <= 0 || task->pid <= 0) {
            return false;
        }
        const auto parent = static_cast<std::uint64_t>(std::max(task->parentTid, 0));
        batch.events.push_back({id->time, task->tid, task->pid, EventKind::ThreadBorn, cpu, 0, parent});
        m_changes.push_back({id->time, NameChange::Kind::Born, task->tid, task->pid, task->parentTid, {}});
        if (m_programs && task->tid == task->pid) {
            m_programs->images.forked(id->time, task->pid, task->parentPid);
            m_programs->looks.forked(task->pid, id->time);
        } else if (m_programs) {
            m_programs->images.threadBorn(id->time, task->pid);
        }
        return true;
    }
    case PERF_RECORD_EXIT: {
        const auto task = readAt<TaskBody>(body, 0);
        if (!task || task->tid <= 0 || task->pid <= 0) {
            return false;
        }
        // The last record of a thread: the kernel has dropped its events before it leaves the core, so no switch-out
        // follows and the exit ends its last slice.
        batch.events.push_back({id->time, task->tid, task->pid, EventKind::ThreadExit, cpu, 0, 0});
        m_changes.push_back({id->time, NameChange::Kind::Exited, task->tid, task->pid, 0, {}});
        if (m_programs) {
            m_programs->images.threadEnded(id->time, task->pid);
        }
        return true;
    }
    case PERF_RECORD_COMM: {
        const auto comm = readAt<CommBody>(body, 0);
        if (!comm || comm->tid <= 0 || comm->pid <= 0) {
            return false;
        }
        const std::span<const std::byte> bytes = body.subspan(sizeof(CommBody));
        std::string name = cleanName({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if ((header->misc & PERF_RECORD_MISC_COMM_EXEC) != 0) {
            batch.events.push_back({id->time, comm->tid, comm->pid, EventKind::ProcessExec, cpu, 0,
                static_cast<std::uint64_t>(ExecNews::Certain)});
            if (m_programs) {
                m_programs->images.exec(id->time, comm->pid, name);
                m_programs->looks.begun(comm->pid, id->time);
            }
        }
        m_changes.push_back({id->time, NameChange::Kind::Named, comm->tid, comm->pid, 0, std::move(name)});
        return true;
    }
    case PERF_RECORD_LOST: {
        const auto lost = readAt<LostBody>(body, 0);
        m_lost += lost ? lost->lost : 0;
        return lost.has_value();
    }
    case PERF_RECORD_LOST_SAMPLES: {
        const auto lost = readAt<LostSamplesBody>(body, 0);
        m_lost += lost ? lost->lost : 0;
        return lost.has_value();
    }
    default:
        return true; // kinds that were not asked for (throttling and the like) say nothing about threads
    }
}

void PerfRecords::finish(Batch& batch, bool last)
{
    std::stable_sort(
        m_changes.begin(), m_changes.end(), [](const NameChange& a, const NameChange& b) { return a.time < b.time; });
    for (NameChange& change : m_changes) {
        switch (change.kind) {
        case NameChange::Kind::Born: {
            const auto parent = m_names.find(change.parent);
            if (parent == m_names.end()) {
                break;
            }
            const std::string name = parent->second;
            m_names[change.tid] = name;
            batch.names.push_back({change.tid, change.pid, name, false});
            break;
        }
        case NameChange::Kind::Named:
            m_names[change.tid] = change.name;
            batch.names.push_back({change.tid, change.pid, std::move(change.name), false});
            break;
        case NameChange::Kind::Exited:
            m_names.erase(change.tid);
            break;
        }
    }
    m_changes.clear();
    if (m_programs) {
        m_programs->looks.look(m_programs->images);
        m_programs->images.conclude(batch.drainedAt, last, batch);
    }
    batch.lost.kernel += m_lost;
    batch.lost.malformed += m_malformed;
}

} // namespace timeslice
