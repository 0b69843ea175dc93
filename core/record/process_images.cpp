#include "core/record/process_images.h"

#include "core/base/clean_name.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
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

} // namespace

void ProcessImages::forked(Nanos time, Pid child, Pid parent)
{
    m_facts.push_back({time, Fact::Kind::Forked, child, parent, 0, {}});
}

void ProcessImages::threadBorn(Nanos time, Pid pid)
{
    m_facts.push_back({time, Fact::Kind::ThreadBorn, pid, 0, 0, {}});
}

void ProcessImages::exec(Nanos time, Pid pid, std::string name)
{
    m_facts.push_back({time, Fact::Kind::Exec, pid, 0, 0, std::move(name)});
}

void ProcessImages::mapped(Nanos time, Pid pid, std::string path, std::uint64_t inode)
{
    if (path.starts_with('/') && !path.starts_with("//")) { // "[vdso]", "//anon"
        m_facts.push_back({time, Fact::Kind::Mapped, pid, 0, inode, std::move(path)});
    }
}

void ProcessImages::threadEnded(Nanos time, Pid pid)
{
    m_facts.push_back({time, Fact::Kind::ThreadEnded, pid, 0, 0, {}});
}

void ProcessImages::ended(Nanos time, Pid pid)
{
    m_facts.push_back({time, Fact::Kind::Ended, pid, 0, 0, {}});
}

void ProcessImages::apply(const Fact& fact)
{
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
        m_images[fact.pid] = std::move(child);
        return;
    }
    case Fact::Kind::ThreadBorn:
        if (const auto image = m_images.find(fact.pid); image != m_images.end()) {
            image->second.threads = true;
            ++image->second.alive;
        }
        return;
    case Fact::Kind::ThreadEnded:
        if (const auto image = m_images.find(fact.pid); image != m_images.end() && --image->second.alive == 0) {
            end(fact, false);
        }
        return;
    case Fact::Kind::Exec: {
        end(fact, true);
        Image& image = m_images[fact.pid];
        image.begin = fact.time;
        image.command = fact.path;
        image.gilSeen = m_gilsAhead.erase(fact.pid) > 0;
        return;
    }
    case Fact::Kind::Ended:
        end(fact, false);
        return;
    case Fact::Kind::Mapped:
        if (const auto image = m_images.find(fact.pid); image != m_images.end()) {
            addFile(image->second, fact);
        }
        return;
    }
}

/// The program that a process runs is over. A child that was forked to begin another has none of its own to speak of.
void ProcessImages::end(const Fact& fact, bool byExec)
{
    const auto image = m_images.find(fact.pid);
    if (image == m_images.end()) {
        return;
    }
    if (!byExec && image->second.name.empty() && !image->second.command.empty() && !image->second.forked) {
        tellHidden(fact, image->second);
    } else if (!(byExec && image->second.forked) && isUnobserved(image->second, fact.time, true)) {
        tell(fact.pid, image->second, fact.time);
    }
    m_images.erase(image);
}

/// It goes on, but unseen.
void ProcessImages::tellHidden(const Fact& fact, const Image& image)
{
    const std::string link = "/proc/" + std::to_string(fact.pid) + "/exe";
    std::error_code unreadable; // by all but root
    const std::string path = std::filesystem::read_symlink(link, unreadable);
    const std::string name = unreadable ? image.command : cleanName(programName(path));
    const bool python = unreadable ? isCalledPython(name) : lookAtProgram(link).python;
    m_news.push_back({fact.pid, name,
        "its user may run it but not watch it (set-uid, or not readable), so its CPU time is counted but drawn nowhere",
        python, image.begin, 0, true});
}

void ProcessImages::addFile(Image& image, const Fact& fact)
{
    const std::string name = programName(fact.path);
    if (name == kProbeFile) {
        image.probe = true;
        return;
    }
    const ProgramFile& file = look(fact);
    const bool isProgram = image.name.empty();
    if (isProgram) {
        image.name = cleanName(name);
        image.file = file;
        image.elsewhere = elsewhereOf(fact.pid);
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
const ProgramFile& ProcessImages::look(const Fact& fact)
{
    static const ProgramFile unknown;
    const auto key = std::pair{fact.path, fact.inode};
    if (const auto known = m_files.find(key); known != m_files.end()) {
        return known->second;
    }
    if (m_files.size() >= kMostFiles) {
        return unknown;
    }
    for (const std::string& path : {"/proc/" + std::to_string(fact.pid) + "/root" + fact.path, fact.path}) {
        struct stat status { };
        if (::stat(path.c_str(), &status) == 0 && (fact.inode == 0 || fact.inode == status.st_ino)) {
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
