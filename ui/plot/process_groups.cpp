#include "ui/plot/process_groups.h"

#include <algorithm>
#include <unordered_map>

namespace timeslice {

namespace {

class Groups {
public:
    Groups(const std::vector<ProcessLife>& lives, std::size_t variant, const Folds& folds, bool unfold)
        : m_lives(lives)
        , m_variant(variant)
        , m_folds(folds)
        , m_unfold(unfold)
        , m_threads(lives.size())
        , m_locks(lives.size())
        , m_children(lives.size())
    {
    }

    std::vector<ProcessGroup> make(
        const Timeline& timeline, const std::vector<std::size_t>& threads, const std::vector<std::size_t>& locks)
    {
        std::vector<std::size_t> lifeOf(timeline.threads.size(), 0);
        std::unordered_map<Pid, std::size_t> lifeOfPid;
        for (std::size_t life = 0; life < m_lives.size(); ++life) {
            lifeOfPid[m_lives[life].pid] = life;
            for (const std::uint32_t thread : m_lives[life].threads) {
                lifeOf[thread] = life;
            }
        }
        for (const std::size_t thread : threads) {
            m_threads[lifeOf[thread]].push_back(static_cast<std::uint32_t>(thread));
        }
        for (const std::size_t lock : locks) {
            if (const auto life = lifeOfPid.find(timeline.locks[lock].pid); life != lifeOfPid.end()) {
                m_locks[life->second].push_back(static_cast<std::uint32_t>(lock));
            }
        }
        std::vector<std::size_t> roots;
        for (std::size_t life = 0; life < m_lives.size(); ++life) {
            if (m_threads[life].empty()) {
                continue;
            }
            const auto parent = shownParent(life);
            (parent ? m_children[*parent] : roots).push_back(life);
        }
        for (const std::size_t root : roots) {
            add(root, 0);
        }
        return std::move(m_groups);
    }

private:
    std::optional<std::size_t> shownParent(std::size_t life) const
    {
        auto parent = m_lives[life].parent;
        while (parent && m_threads[*parent].empty()) {
            parent = m_lives[*parent].parent;
        }
        return parent;
    }

    void add(std::size_t life, int depth)
    {
        ProcessGroup group;
        group.life = life;
        group.depth = depth;
        group.threads = m_threads[life];
        const bool severalThreads = m_threads[life].size() > 1;
        if (severalThreads || !m_locks[life].empty() || !m_children[life].empty()) {
            const auto wish = m_folds.find({m_variant, m_lives[life].threads.front()});
            const bool several = !m_children[life].empty() || (m_unfold && severalThreads);
            const bool unfolded = wish != m_folds.end() ? wish->second : several;
            group.fold = unfolded ? Fold::Unfolded : Fold::Folded;
        }
        if (group.fold == Fold::Folded) {
            addInside(life, group.threads);
        } else if (severalThreads) {
            group.threadRows = m_threads[life];
        }
        if (group.fold == Fold::Unfolded) {
            group.lockRows = m_locks[life];
        }
        const bool goesOn = group.fold == Fold::Unfolded;
        m_groups.push_back(std::move(group));
        if (goesOn) {
            for (const std::size_t child : m_children[life]) {
                add(child, depth + 1);
            }
        }
    }

    void addInside(std::size_t life, std::vector<std::uint32_t>& threads) const
    {
        for (const std::size_t child : m_children[life]) {
            threads.insert(threads.end(), m_threads[child].begin(), m_threads[child].end());
            addInside(child, threads);
        }
    }

    const std::vector<ProcessLife>& m_lives;
    std::size_t m_variant;
    const Folds& m_folds;
    bool m_unfold;
    std::vector<std::vector<std::uint32_t>> m_threads; ///< shown, of each process
    std::vector<std::vector<std::uint32_t>> m_locks;
    std::vector<std::vector<std::size_t>> m_children;
    std::vector<ProcessGroup> m_groups;
};

} // namespace

std::vector<ProcessGroup> processGroups(const Timeline& timeline, const std::vector<ProcessLife>& lives,
    const std::vector<std::size_t>& threads, const std::vector<std::size_t>& locks, std::size_t variant,
    const Folds& folds, bool unfold)
{
    return Groups(lives, variant, folds, unfold).make(timeline, threads, locks);
}

} // namespace timeslice
