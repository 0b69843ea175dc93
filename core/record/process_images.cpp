#include "core/record/process_images.h"

#include "core/base/clean_name.h"
#include "core/base/proc_stat.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kMostFiles = 10'000; ///< that are kept in mind; of more only the names count

bool isCLibrary(const std::string& name)
{
    return name.starts_with("libc.so") || name.starts_with("libc-") || name.starts_with("ld-musl");
}

/// The loader of this program: the probe is linked against the same C library.
const std::string& ownLoader()
{
    static const std::string name = programName(lookAtProgram("/proc/self/exe").loader);
    return name;
}

/// "" if nothing can be preloaded into `file` for a reason that lies in the file.
std::string refusal(const ProgramFile& file)
{
    if (!file.elf || file.library) {
        return {};
    }
    if (file.bits32) {
        return "a 32-bit program, into which the probe cannot be loaded";
    }
    if (!file.ourKind) {
        return "a program for another kind of processor";
    }
    if (file.loader.empty()) {
        return "statically linked, so that the probe cannot be loaded";
    }
    if (!ownLoader().empty() && programName(file.loader) != ownLoader()) {
        return "linked against another C library (" + programName(file.loader) + ")";
    }
    return {};
}

bool isSameNamespace(Pid pid, const char* which)
{
    struct stat own { };
    struct stat other { };
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/" + which;
    return ::stat((std::string("/proc/self/ns/") + which).c_str(), &own) != 0 || ::stat(path.c_str(), &other) != 0
        || own.st_ino == other.st_ino;
}

/// Why a living process may not reach what ours has opened.
std::string elsewhereOf(Pid pid)
{
    struct stat process { };
    if (::stat(("/proc/" + std::to_string(pid)).c_str(), &process) != 0) {
        return {};
    }
    if (process.st_uid != ::geteuid()) {
        return "runs as another user";
    }
    constexpr std::pair<const char*, const char*> kNamespaces[] = {
        {"pid", "PID"}, {"mnt", "mount"}, {"net", "network"}, {"user", "user"}};
    for (const auto& [file, name] : kNamespaces) {
        if (!isSameNamespace(pid, file)) {
            return std::string("runs in another ") + name + " namespace";
        }
    }
    return {};
}

/// Whether a process whose records have ended goes on all the same. One that ends has its last record behind it before
/// it is gone, and then waits for its parent; it is marked as soon as it begins to end.
bool livesOn(Pid pid)
{
    constexpr std::uint64_t kExiting = 4; // PF_EXITING
    const std::optional<ProcStat> stat = readProcStat(pid);
    return stat && (stat->flags & kExiting) == 0;
}

} // namespace

ProcessImages::ProcessImages(RefusedPrograms& refused)
    : m_refused(refused)
{
}

void ProcessImages::forked(Nanos time, Pid child, Pid parent)
{
    m_facts.push_back({time, Fact::Kind::Forked, child, parent, {}, {}});
}

void ProcessImages::threadBorn(Nanos time, Pid pid)
{
    m_facts.push_back({time, Fact::Kind::ThreadBorn, pid, 0, {}, {}});
}

void ProcessImages::exec(Nanos time, Pid pid, std::string name)
{
    m_facts.push_back({time, Fact::Kind::Exec, pid, 0, std::move(name), {}});
}

void ProcessImages::looked(Nanos time, Pid pid, std::vector<MappedFile> files)
{
    m_facts.push_back({time, Fact::Kind::Looked, pid, 0, {}, std::move(files)});
}

void ProcessImages::threadEnded(Nanos time, Pid pid)
{
    m_facts.push_back({time, Fact::Kind::ThreadEnded, pid, 0, {}, {}});
}

void ProcessImages::ended(Nanos time, Pid pid)
{
    m_facts.push_back({time, Fact::Kind::Ended, pid, 0, {}, {}});
}

bool ProcessImages::isSettled(Pid pid) const
{
    const auto image = m_images.find(pid);
    return image != m_images.end() && (image->second.told || image->second.gilSeen);
}

void ProcessImages::apply(const Fact& fact)
{
    const auto image = m_images.find(fact.pid);
    switch (fact.kind) {
    case Fact::Kind::Forked: {
        Image child;
        if (const auto parent = m_images.find(fact.parent); parent != m_images.end()) {
            child = parent->second;
            child.parentHadGil = child.gilSeen || (child.forked && child.parentHadGil);
        }
        child.begin = fact.time;
        child.forked = true;
        child.threads = false;
        child.alive = 1;
        child.told = false;
        child.gilSeen = m_gilsAhead.erase(fact.pid) > 0;
        // What it told itself may be here before the record of its birth, which is read from another core's ring.
        if (const auto told = m_aboutToRun.find(fact.pid);
            told != m_aboutToRun.end() && told->second.time < fact.time) {
            m_aboutToRun.erase(told);
        }
        m_toldAndOver.erase(fact.pid);
        m_images[fact.pid] = std::move(child);
        return;
    }
    case Fact::Kind::ThreadBorn:
        if (image != m_images.end()) {
            image->second.threads = true;
            ++image->second.alive;
        }
        return;
    case Fact::Kind::ThreadEnded:
        if (image != m_images.end() && --image->second.alive == 0) {
            end(fact, false);
        }
        return;
    case Fact::Kind::Exec:
        begin(fact);
        return;
    case Fact::Kind::Ended:
        end(fact, false);
        return;
    case Fact::Kind::Looked:
        if (image != m_images.end()) {
            take(image->second, fact);
        }
        return;
    case Fact::Kind::Refused:
        if (!fact.program.runs) {
            m_aboutToRun[fact.pid] = fact.program;
        } else if (image != m_images.end()) {
            take(image->second, fact.program);
        } else if (!m_toldAndOver.contains(fact.pid)) {
            tellOver(fact);
        }
        return;
    }
}

void ProcessImages::begin(const Fact& exec)
{
    Image next;
    if (const auto before = m_images.find(exec.pid); before != m_images.end()) {
        next.shouldHaveProbe = before->second.probe || (before->second.lookedAt < 0 && before->second.shouldHaveProbe);
        if (before->second.lookedAt >= exec.time) { // what was seen was this one
            next = before->second;
            next.forked = false;
        } else {
            end(exec, true);
        }
    }
    next.begin = exec.time;
    next.command = exec.name;
    next.alive = 1;
    next.threads = false;
    next.gilSeen = m_gilsAhead.erase(exec.pid) > 0;
    const auto told = m_aboutToRun.find(exec.pid);
    // The kernel's name tells whether it is the one, or one after another that could not be executed.
    if (told != m_aboutToRun.end() && (exec.name.empty() || exec.name == told->second.command)) {
        take(next, told->second);
    }
    if (told != m_aboutToRun.end()) {
        m_aboutToRun.erase(told);
    }
    m_images[exec.pid] = std::move(next);
}

void ProcessImages::take(Image& image, const RefusedProgram& program)
{
    image.file = program.file;
    image.shouldHaveProbe = false;
    if (program.file.privileged && !image.command.empty()) {
        image.refusedName = program.name; // the kernel's records of it end; see end()
    } else if (image.name.empty()) {
        image.name = program.name;
        image.loaded = true;
        image.python = program.file.python;
        image.freeThreaded = program.file.freeThreaded;
    }
}

/// A program that ended before its starter could tell of it.
void ProcessImages::tellOver(const Fact& refused)
{
    Image over;
    over.begin = refused.time;
    over.command = refused.program.command;
    take(over, refused.program);
    if (!over.refusedName.empty()) {
        tellHidden(refused, over);
    } else if (isUnobserved(over, refused.time, true)) {
        tell(refused.pid, over, refused.time);
    }
}

/// The program that a process runs is over. A child that was forked to begin another has none of its own to speak of.
void ProcessImages::end(const Fact& fact, bool byExec)
{
    const auto at = m_images.find(fact.pid);
    if (at == m_images.end()) {
        return;
    }
    Image& image = at->second;
    const bool began = !image.command.empty() && !image.forked;
    if (!byExec && began && image.name.empty() && (!image.refusedName.empty() || livesOn(fact.pid))) {
        tellHidden(fact, image);
    } else if (image.name.empty() && began && !image.shouldHaveProbe && !image.gilSeen
        && isCalledPython(image.command)) {
        image.name = image.command;
        image.python = true;
        tell(fact.pid, image, fact.time);
    } else if (!(byExec && image.forked) && isUnobserved(image, fact.time, true)) {
        tell(fact.pid, image, fact.time);
    }
    if (!byExec) {
        m_aboutToRun.erase(fact.pid);
        if (image.told) {
            m_toldAndOver.insert(fact.pid);
        }
    }
    m_images.erase(at);
}

/// It goes on, but unseen.
void ProcessImages::tellHidden(const Fact& fact, Image& image)
{
    image.told = true;
    std::string name = image.refusedName;
    bool python = image.file.python;
    if (name.empty()) {
        const std::string link = "/proc/" + std::to_string(fact.pid) + "/exe";
        std::error_code unreadable; // by all but root
        const std::string path = std::filesystem::read_symlink(link, unreadable);
        name = unreadable ? image.command : cleanName(programName(path));
        python = unreadable ? isCalledPython(name) : lookAtProgram(link).python;
    }
    m_news.push_back({fact.pid, name,
        "its user may run it but not watch it (set-uid, or not readable), so its CPU time is counted but drawn nowhere",
        python, image.begin, 0, true});
}

void ProcessImages::take(Image& image, const Fact& look)
{
    image.lookedAt = look.time;
    image.name.clear();
    image.probe = false;
    image.loaded = false;
    image.python = false;
    image.freeThreaded = false;
    for (const MappedFile& mapped : look.files) {
        addFile(image, look.pid, mapped);
    }
}

void ProcessImages::addFile(Image& image, Pid pid, const MappedFile& mapped)
{
    const std::string name = programName(mapped.path);
    if (name == kProbeFile) {
        image.probe = true;
        return;
    }
    const ProgramFile& file = programOf(pid, mapped);
    const bool isProgram = image.name.empty();
    if (isProgram) {
        image.name = cleanName(name);
        image.file = file;
        image.elsewhere = elsewhereOf(pid);
    }
    if (isCLibrary(name) || (isProgram && file.elf && !refusal(file).empty())) {
        image.loaded = true;
        image.gilSeen = image.gilSeen && image.probe; // else it was that of the program before
    }
    // Names can lie, and a program that is called Python may have all of it in a library. The name counts where there
    // are no symbols to look at.
    const bool silent = !file.elf || !file.ourKind || (isProgram && file.loader.empty() && !file.library);
    if (file.python || (silent && isCalledPython(name))) {
        image.python = true;
        image.freeThreaded = image.freeThreaded || file.freeThreaded || isCalledFreeThreaded(name);
    }
}

/// What is mapped is looked at where the process sees it, while it lives, else under the same path here.
const ProgramFile& ProcessImages::programOf(Pid pid, const MappedFile& mapped)
{
    static const ProgramFile unknown;
    const auto key = std::pair{mapped.path, mapped.inode};
    if (const auto known = m_files.find(key); known != m_files.end()) {
        return known->second;
    }
    if (m_files.size() >= kMostFiles) {
        return unknown;
    }
    for (const std::string& path : {"/proc/" + std::to_string(pid) + "/root" + mapped.path, mapped.path}) {
        struct stat status { };
        if (::stat(path.c_str(), &status) == 0 && (mapped.inode == 0 || mapped.inode == status.st_ino)) {
            return m_files.emplace(key, lookAtProgram(path)).first->second;
        }
    }
    return m_files.emplace(key, ProgramFile{}).first->second;
}

void ProcessImages::seeGils(const Batch& batch, bool ahead)
{
    for (const ObjectBirth& birth : batch.objects) {
        if (birth.kind != ObjectKind::Gil) {
            continue;
        }
        const auto image = m_images.find(birth.pid);
        if (image == m_images.end()) {
            if (ahead) {
                m_gilsAhead.insert(birth.pid);
            }
        } else if (image->second.probe || !image->second.loaded) {
            image->second.gilSeen = true;
        }
    }
}

/// `over`: it has ended, or the recording has.
bool ProcessImages::isUnobserved(const Image& image, Nanos now, bool over) const
{
    if (image.told || image.name.empty() || image.gilSeen) {
        return false;
    }
    if (!image.python) {
        const bool refused = !refusal(image.file).empty() || (image.file.privileged && image.loaded);
        return refused && !image.probe && !image.forked;
    }
    if (image.freeThreaded || (image.forked && now - image.begin < kForGood && !image.threads)) {
        return false;
    }
    if (!image.probe) {
        return image.loaded;
    }
    // One that never came to run Python (`python3 --version`) announces nothing, and has nothing to hide.
    const bool hasOne = image.threads || (image.forked && image.parentHadGil) || !image.elsewhere.empty();
    return hasOne && (over || now - image.begin >= kNoGilYet);
}

std::string ProcessImages::why(const Image& image)
{
    if (const std::string refused = refusal(image.file); !refused.empty()) {
        return refused;
    }
    if (!image.probe && image.file.privileged) {
        return "starts with more rights than its user has, so that nothing can be preloaded";
    }
    if (!image.elsewhere.empty()) {
        return image.elsewhere;
    }
    if (!image.probe) {
        return "started without the probe";
    }
    return image.forked && image.parentHadGil ? "forked by code that did not tell Python of it"
                                              : "the probe was loaded, but saw no GIL";
}

void ProcessImages::tell(Pid pid, Image& image, Nanos end)
{
    image.told = true;
    m_news.push_back({pid, image.name, why(image), image.python, image.begin, end});
}

void ProcessImages::conclude(Nanos now, bool last, Batch& batch)
{
    for (RefusedProgram& program : m_refused.take()) {
        Fact fact{program.time, Fact::Kind::Refused, program.pid, 0, {}, {}};
        fact.program = std::move(program);
        m_facts.push_back(std::move(fact));
    }
    std::stable_sort(m_facts.begin(), m_facts.end(), [](const Fact& a, const Fact& b) { return a.time < b.time; });
    // A GIL's birth has no time: it may be that of a program which ends, or of one which begins, in this batch.
    seeGils(batch, true);
    for (const Fact& fact : m_facts) {
        apply(fact);
    }
    m_facts.clear();
    seeGils(batch, false);
    for (auto& [pid, image] : m_images) {
        if (isUnobserved(image, now, last)) {
            tell(pid, image, 0);
        }
    }
    std::sort(m_news.begin(), m_news.end(),
        [](const UnobservedProcess& a, const UnobservedProcess& b) { return a.begin < b.begin; });
    std::move(m_news.begin(), m_news.end(), std::back_inserter(batch.unobserved));
    m_news.clear();
}

} // namespace timeslice
