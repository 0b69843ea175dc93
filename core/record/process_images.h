// ProcessImages: which program each process of a run is, and of which of them the recording knows too little.
//
// From outside, by what is mapped into each: CPython is a program or library that defines its C API, and the probe is a
// library among the others. A process counts as observed when it has announced a GIL in the event channel. What is left
// is told in Batch::unobserved, each with its reason, as soon as it is certain:
// - a CPython with a GIL, started without the probe: once its C library is mapped, as preloaded ones come before;
// - one with the probe that announced no GIL, though it had one to announce: at its end, or after a second;
// - another program that cannot be given the probe, as what it starts may run without: at once;
// - a program that its user may run and not watch (set-uid, or not readable): the kernel ends the records of a thread
//   whose new program it will not show, so that it seems to end between its exec and the mapping of its file
//   (perf_event_exit_task() in fs/exec.c).
// A forked child runs its parent's program; only after kForGood does it count by itself, as most begin another soon.
#pragma once

#include "core/record/program_file.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace timeslice {

/// Whether to look at what the processes of a run are.
enum class Images : unsigned char { Ignored, Watched };

/// The name of the GIL probe's file, as it appears among a process's mappings.
inline constexpr std::string_view kProbeFile = "libtimeslice-gil-probe.so";

/// For one thread. The facts may come in any order between two calls of conclude().
class ProcessImages {
public:
    static constexpr Nanos kForGood = 50 * kMillisecond; ///< a forked child that begins another program has by then
    static constexpr Nanos kNoGilYet = kSecond; ///< an interpreter takes its GIL in some 10 ms

    void forked(Nanos time, Pid child, Pid parent);
    void threadBorn(Nanos time, Pid pid);
    /// `name`: as the kernel calls it, at most 15 bytes.
    void exec(Nanos time, Pid pid, std::string name = {});
    /// A file is mapped to be run; the first one after an exec is the program itself. `inode` 0: unknown.
    void mapped(Nanos time, Pid pid, std::string path, std::uint64_t inode);
    /// With its last thread a process has ended.
    void threadEnded(Nanos time, Pid pid);
    void ended(Nanos time, Pid pid);

    /// Takes GILs from batch.objects and appends to batch.unobserved. `last`: the recording ends at `now`.
    void conclude(Nanos now, bool last, Batch& batch);

private:
    struct Fact {
        enum class Kind : unsigned char { Forked, ThreadBorn, ThreadEnded, Exec, Mapped, Ended };
        Nanos time = 0;
        Kind kind = Kind::Exec;
        Pid pid = 0;
        Pid parent = 0;
        std::uint64_t inode = 0;
        std::string path; ///< of an exec: the kernel's name for the program
    };
    struct Image {
        Nanos begin = 0;
        std::string name; ///< of the program's file; "" = not known yet
        std::string command; ///< the kernel's name for it, of an exec that was seen; "" = none was
        ProgramFile file;
        bool probe = false;
        bool loaded = false; ///< the C library is there, and all that is preloaded
        bool python = false;
        bool freeThreaded = false;
        std::uint32_t alive = 1; ///< threads
        bool threads = false; ///< more than one, at some time
        bool gilSeen = false;
        bool forked = false; ///< from a process that ran the same
        bool parentHadGil = false;
        bool told = false;
        std::string elsewhere; ///< why it cannot reach the channel, if it cannot
    };

    void apply(const Fact& fact);
    void end(const Fact& fact, bool byExec);
    void tellHidden(const Fact& fact, const Image& image);
    void addFile(Image& image, const Fact& fact);
    const ProgramFile& look(const Fact& fact);
    void seeGils(const Batch& batch, bool ahead);
    bool isUnobserved(const Image& image, Nanos now, bool over) const;
    void tell(Pid pid, Image& image, Nanos end);
    static std::string why(const Image& image);

    std::vector<Fact> m_facts;
    std::unordered_map<Pid, Image> m_images; ///< of the living
    std::unordered_set<Pid> m_gilsAhead; ///< announced by processes that are not known yet
    std::map<std::pair<std::string, std::uint64_t>, ProgramFile> m_files;
    std::vector<UnobservedProcess> m_news;
};

} // namespace timeslice
