#include "core/trace/unobserved_text.h"

#include <algorithm>

namespace timeslice {

namespace {

constexpr std::size_t kNamedInNote = 2;
constexpr std::size_t kNumbersInSentence = 3;

struct Group {
    const UnobservedProcess* first = nullptr;
    std::vector<Pid> pids;
};

std::vector<Group> groupsOf(const std::vector<UnobservedProcess>& processes)
{
    std::vector<Group> groups;
    for (const UnobservedProcess& process : processes) {
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.first->hasGil == process.hasGil && group.first->name == process.name
                && group.first->why == process.why;
        });
        Group& group = same != groups.end() ? *same : groups.emplace_back(Group{&process, {}});
        group.pids.push_back(process.pid);
    }
    return groups;
}

/// "4242, 4250, 4251 ..."
std::string numbers(const std::vector<Pid>& pids)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(pids.size(), kNumbersInSentence); ++i) {
        text += (i > 0 ? ", " : "") + std::to_string(pids[i]);
    }
    return text + (pids.size() > kNumbersInSentence ? " ..." : "");
}

std::string sentence(const Group& group)
{
    const UnobservedProcess& process = *group.first;
    const bool one = group.pids.size() == 1;
    const std::string who = one
        ? process.name + " (process " + numbers(group.pids) + ")"
        : std::to_string(group.pids.size()) + " processes named " + process.name + " (" + numbers(group.pids) + ")";
    const std::string what = process.hasGil
        ? (one ? "The GIL of " + who + " is not recorded" : "The GILs of " + who + " are not recorded")
        : "What " + who + (one ? " starts" : " start") + " may not be traced";
    return what + ": " + process.why + ".";
}

} // namespace

std::vector<std::string> unobservedSentences(const std::vector<UnobservedProcess>& processes, std::size_t most)
{
    const std::vector<Group> groups = groupsOf(processes);
    std::vector<std::string> sentences;
    std::size_t left = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (groups.size() <= most || i + 1 < most) {
            sentences.push_back(sentence(groups[i]));
        } else {
            left += groups[i].pids.size();
        }
    }
    if (left > 0) {
        sentences.push_back("And so it is with " + std::to_string(left) + " more process" + (left == 1 ? "." : "es."));
    }
    return sentences;
}

std::string unobservedNote(const std::vector<UnobservedProcess>& processes)
{
    std::string text;
    for (const bool hasGil : {true, false}) {
        std::vector<const UnobservedProcess*> these;
        for (const UnobservedProcess& process : processes) {
            if (process.hasGil == hasGil) {
                these.push_back(&process);
            }
        }
        if (these.empty()) {
            continue;
        }
        text += text.empty() ? "" : "; ";
        text += hasGil ? "GIL not recorded: " : "children not traced: ";
        for (std::size_t i = 0; i < std::min(these.size(), kNamedInNote); ++i) {
            text += (i > 0 ? ", " : "") + these[i]->name + " (" + std::to_string(these[i]->pid) + ")";
        }
        if (these.size() > kNamedInNote) {
            text += " and " + std::to_string(these.size() - kNamedInNote) + " more";
        }
    }
    return text;
}

} // namespace timeslice
