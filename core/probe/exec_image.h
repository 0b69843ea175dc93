// The end of a process image: what exec leaves behind is told to the recording.
#pragma once

namespace timeslice::probe {

/// Records ProcessExec for the calling thread; to be called just before the exec. False, and nothing is recorded, where
/// this process has recorded nothing of its own yet. So it is in a vfork()ed child, whose memory is its parent's.
bool announceExec() noexcept;
/// The exec that was announced has failed: the thread still holds what it held. Keeps errno.
void takeBackExec() noexcept;

} // namespace timeslice::probe
