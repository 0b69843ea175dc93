// Exploration: what the viewer looks at in the picture of a run: the stretch of time, the variant where one is shown at
// a time, the slice that is selected, and where he was before. One object that all views observe; none keeps a copy.
#pragma once

#include "core/trace/slice.h"

#include <QElapsedTimer>
#include <QObject>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace timeslice {

/// A slice of a track.
struct SliceRef {
    enum class Row : unsigned char { Core, Thread, Lock };
    std::size_t variant = 0;
    Row row = Row::Thread;
    std::size_t track = 0; ///< index into Timeline::cores, threads or locks
    Slice slice;
};

/// ns since each variant's start of work; fractions, so that the closest look moves smoothly.
struct ViewRange {
    double begin = 0;
    double end = 0;
    friend bool operator==(const ViewRange&, const ViewRange&) = default;
};

/// A process in the picture, which folds: by the first thread it had, whose index stays valid.
struct ProcessRef {
    std::size_t variant = 0;
    std::uint32_t thread = 0; ///< index into Timeline::threads
    friend auto operator<=>(const ProcessRef&, const ProcessRef&) = default;
};
/// Whether the viewer wants a process unfolded; one that is not here is as the picture has it by itself.
using Folds = std::map<ProcessRef, bool>;

/// A lost update of the run.
struct LossRef {
    std::size_t variant = 0;
    std::size_t index = 0; ///< into RunLosses::all
    friend bool operator==(const LossRef&, const LossRef&) = default;
};

/// What the pointer is at in one view, for the others to show as well: a moment, a row, or both.
struct Pointed {
    struct Track {
        SliceRef::Row row = SliceRef::Row::Thread;
        std::size_t index = 0; ///< as SliceRef::track
        friend bool operator==(const Track&, const Track&) = default;
    };
    std::size_t variant = 0;
    std::optional<Nanos> moment; ///< ns since the variant's start of work
    std::optional<Track> track;
    friend bool operator==(const Pointed&, const Pointed&) = default;
};

/// Belongs to the UI thread.
class Exploration : public QObject {
    Q_OBJECT
public:
    using Range = std::optional<ViewRange>; ///< nothing: the whole run, also while it grows

    /// What is kept with a lesson while another is shown.
    struct State {
        Range range;
        bool startUpUnfolded = false; ///< the whole begins with the program's start-up
        std::optional<SliceRef> selection;
        std::vector<Range> before; ///< the latest last
        Folds folds; ///< processes that the viewer folded or unfolded
        std::optional<LossRef> loss; ///< that is looked at; nothing: the one to show first
        std::optional<std::size_t> variant; ///< turned to, where one is shown at a time; nothing: the one asked about
    };

    explicit Exploration(QObject* parent = nullptr);

    const Range& range() const noexcept { return m_state.range; }
    /// Whether the start-up (see ui/plot/start_up.h) is folded away where the whole is shown.
    bool startUpFolded() const noexcept { return !m_state.startUpUnfolded; }
    const std::optional<SliceRef>& selection() const noexcept { return m_state.selection; }
    const State& state() const noexcept { return m_state; }
    void restore(State state);
    /// As before anything was explored.
    void reset() { restore({}); }

    /// A jump: to a slice, a finding, the whole.
    void show(const Range& range);
    /// A step of a movement (a notch of a wheel, a key held down, a drag): steps that follow each other within half a
    /// second are undone together.
    void move(ViewRange range);
    /// Shows the whole, with the start-up or without it.
    void foldStartUp(bool folded);
    bool canUndo() const noexcept { return !m_state.before.empty(); }
    /// Back to what was shown before the last jump or movement.
    void undo();
    void select(std::optional<SliceRef> slice);
    const std::optional<LossRef>& loss() const noexcept { return m_state.loss; }
    void lookAt(LossRef loss);
    const std::optional<std::size_t>& variant() const noexcept { return m_state.variant; }
    void turnTo(std::size_t variant);
    const Folds& folds() const noexcept { return m_state.folds; }
    void setUnfolded(ProcessRef process, bool unfolded);
    /// Of the view that the pointer is over; nothing while it is over none.
    const std::optional<Pointed>& pointed() const noexcept { return m_pointed; }
    void point(std::optional<Pointed> at);

signals:
    void foldsChanged();
    void rangeChanged();
    void selectionChanged();
    void lossChanged();
    void pointedChanged();
    void variantChanged();

private:
    void remember();

    static constexpr std::size_t kMostRemembered = 100;
    static constexpr qint64 kPause = 500; ///< ms between two movements
    State m_state;
    std::optional<Pointed> m_pointed;
    QElapsedTimer m_sinceMove; ///< invalid: the next step begins a movement
};

} // namespace timeslice
