// Which of the names that a thread is given counts: its own, in the channel, or the kernel's.
#pragma once

#include "core/trace/batch.h"

#include <cstddef>
#include <unordered_set>

namespace timeslice {

/// A name that a thread gave itself in the channel stands above what the kernel calls it (at most 15 bytes, inherited
/// from its creator), whichever came last, for as long as it runs the program that said so. One thread only.
class ChosenNames {
public:
    /// `sampled`: all news of an exec in what follows is to be believed; else only the kernel's (ExecNews::Certain).
    explicit ChosenNames(bool sampled)
        : m_sampled(sampled)
    {
    }

    /// Removes from the batch the kernel's names of threads that have names of their own. The names before
    /// `firstKernelName` are the channel's, which was read before the kernel's records.
    void settle(Batch& batch, std::size_t firstKernelName);

private:
    bool m_sampled;
    std::unordered_set<Tid> m_named; ///< threads that have named themselves
};

} // namespace timeslice
