// ProcessImages: which program each process of a run is, and of which of them the recording knows too little.
//
// From outside, by what is mapped into each at some moments (program_looks.h), and by what those who start a program
// tell of it (refused_programs.h): CPython is a program or library that defines its C API, and the probe is a library
// among the others. A process counts as observed when it has announced a GIL in the event channel. What is left is told
// in Batch::unobserved, each with its reason, as soon as it is certain:
// - a CPython with a GIL, started without the probe: once its C library is mapped, as preloaded ones come before;
// - one with the probe that announced no GIL, though it had one to announce: at its end, or after a second;
// - another program that cannot be given the probe, as what it starts may run without: at once;
// - a program that its user may run and not watch (set-uid, or not readable): the kernel ends the records of a thread
//   whose new program it will not show, so that it seems to end at its exec and lives on (perf_event_exit_task() in
//   fs/exec.c).
// A forked child runs its parent's program; only after kForGood does it count by itself, as most begin another soon.
// Of a program that was over before any look the kernel's name for it is known, and whether whoever started it had the
// probe, which tells of all that cannot be given it.
#pragma once

#include "core/record/program_file.h"
#include "core/record/refused_programs.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace timeslice {

/// The name of the GIL probe's file, as it appears among a process's mappings.
inline constexpr std::string_view kProbeFile = "libtimeslice-gil-probe.so";

/// A file that is mapped to be run.
struct MappedFile {
    std::string path;
    std::uint64_t inode = 0; ///< 0: unknown
};

/// For one thread. The facts may come in any order between two calls of conclude().
class ProcessImages {
public:
    static constexpr Nanos kForGood = 50 * kMillisecond; ///< a forked child that begins another program has by then
    static constexpr Nanos kNoGilYet = kSecond; ///< an interpreter takes its GIL in some 10 ms

    /// Takes programs from `refused`, which must stay there.
    explicit ProcessImages(RefusedPrograms& refused);

    void forked(Nanos time, Pid child, Pid parent);
    void threadBorn(Nanos time, Pid pid);
    /// `name`: as the kernel calls it, at most 15 bytes.
    void exec(Nanos time, Pid pid, std::string name = {});
    /// All files that are mapped to be run, as seen after `time`: the program itself first, the C library behind what
    /// is preloaded.
    void looked(Nanos time, Pid pid, std::vector<MappedFile> files);
    /// With its last thread a process has ended.
    void threadEnded(Nanos time, Pid pid);
    void ended(Nanos time, Pid pid);

    /// Nothing more is to be learned of it until it begins another program.
    bool isSettled(Pid pid) const;

    /// Takes GILs from batch.objects and appends to batch.unobserved. `last`: the recording ends at `now`.
    void conclude(Nanos now, bool last, Batch& batch);

private:
    struct Fact {
        enum class Kind : unsigned char { Forked, ThreadBorn, ThreadEnded, Exec, Looked, Refused, Ended };
        Nanos time = 0;
        Kind kind = Kind::Exec;
        Pid pid = 0;
        Pid parent = 0;
        std::string name; ///< of an exec: the kernel's name for the program
        std::vector<MappedFile> files; ///< of a look
        RefusedProgram program = {}; ///< that was refused
    };
    struct Image {
        Nanos begin = 0;
        Nanos lookedAt = -1; ///< the last time; -1 = never
        std::string name; ///< of the program's file; "" = not known yet
        std::string command; ///< the kernel's name for it, of an exec that was seen; "" = none was
        std::string refusedName; ///< of a program of which the kernel ends the records; "" = it is none
        ProgramFile file;
        bool probe = false;
        bool shouldHaveProbe = true; ///< who began it had the probe, or it is the first of the run; and it told nothing
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
    void tellHidden(const Fact& fact, Image& image);
    void tellOver(const Fact& refused);
    void begin(const Fact& fact);
    void take(Image& image, const Fact& fact);
    void take(Image& image, const RefusedProgram& program);
    void addFile(Image& image, Pid pid, const MappedFile& mapped);
    const ProgramFile& programOf(Pid pid, const MappedFile& mapped);
    void seeGils(const Batch& batch, bool ahead);
    bool isUnobserved(const Image& image, Nanos now, bool over) const;
    void tell(Pid pid, Image& image, Nanos end);
    static std::string why(const Image& image);

    RefusedPrograms& m_refused;
    std::vector<Fact> m_facts;
    std::unordered_map<Pid, RefusedProgram> m_aboutToRun; ///< of processes that have not begun it yet
    std::unordered_set<Pid> m_toldAndOver; ///< processes that have ended, as long as their numbers are not given anew
    std::unordered_map<Pid, Image> m_images; ///< of the living
    std::unordered_set<Pid> m_gilsAhead; ///< announced by processes that are not known yet
    std::map<std::pair<std::string, std::uint64_t>, ProgramFile> m_files;
    std::vector<UnobservedProcess> m_news;
};

} // namespace timeslice
