// ThreadSampler: the fallback where the kernel refuses context-switch records. Tracks made from it are `inferred`.
//
// Reads /proc/PID/task/*/{stat,schedstat,children} of a process and its descendants: state, core, time on a core, time
// spent runnable. Between two samples it infers switches from what changed (run_inference.h). Needs the kernel's
// CONFIG_SCHED_INFO for times and CONFIG_PROC_CHILDREN for descendants; the kernels of the distributions have both.
#pragma once

#include "core/record/process_images.h"
#include "core/trace/batch.h"

#include <memory>

namespace timeslice {

/// For one thread.
class ThreadSampler {
public:
    /// `refused`: as for ContextSwitches::open().
    explicit ThreadSampler(Pid root, RefusedPrograms* refused = nullptr);
    ThreadSampler(ThreadSampler&&) noexcept;
    ThreadSampler& operator=(ThreadSampler&&) noexcept;
    ~ThreadSampler();

    /// Takes one sample and appends the events that it implies; about 15 us of CPU time a thread. `last`: nothing comes
    /// after.
    void sample(Batch& batch, bool last = false);
    /// A last sample is to come, which alone shows how the last processes end: what they ran then may be told before
    /// it.
    void awaitEnd();
    /// Before the last sample, when the processes are gone: the CPU time of all of them since the first sample.
    void endWith(Nanos cpu);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace timeslice
