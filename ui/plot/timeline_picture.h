// TimelinePicture: the timeline as it was painted last, and while a run goes on what has changed in it since.
//
// A run adds to the right of what is drawn. To paint everything anew and to hand all of it to the screen takes a third
// of a core, and takes it from the run. So as long as rows and scale stay, only the tracks of the variant that runs are
// painted, beside the picture and by the same painter; and only pixels that came out otherwise go into it and on to the
// screen. What is shown is by construction what paintTimeline() paints.
#pragma once

#include "ui/plot/work_marks.h"

#include <QImage>
#include <QRegion>
#include <optional>
#include <vector>

namespace timeslice {

/// One thread's. All lengths are device pixels; a canvas comes without a painter.
class TimelinePicture {
public:
    TimelinePicture() = default;
    TimelinePicture(const TimelinePicture&) = delete;
    TimelinePicture& operator=(const TimelinePicture&) = delete;

    /// Opaque; of the size that was painted last.
    const QImage& image() const noexcept { return m_picture.image; }

    /// An empty surface, for something else than a timeline.
    QImage& clear(const QSize& size, const QColor& ground);
    void paint(const Canvas& canvas, const TimelineScene& scene, const QSize& size);

    struct Change {
        QRegion pixels;
        bool whole = false; ///< rows or scale have changed: whatever is drawn over them is out of place
    };
    /// Brings the picture up to date: the same as paint(), and tells what has come out otherwise. `grown`: nothing has
    /// happened since the last time but that timelines of these variants have grown.
    Change update(const Canvas& canvas, const TimelineScene& scene, const QSize& size, bool grown);

private:
    /// An image in memory that outlasts it: pictures change their size by a few lines during a run, and megabytes of
    /// fresh memory cost the system more to clear than a picture to paint.
    class Surface {
    public:
        /// True if it had another size. Its pixels are anything then.
        bool resize(const QSize& size);
        QImage image;

    private:
        QImage m_memory; ///< at least as large
    };

    /// What decides how all is drawn, and what of the rest changes while a run goes on.
    struct Shown {
        TimelineLayout layout;
        TimeScale scale;
        std::optional<AxisBreak> axisBreak;
        int scroll = 0;
        QSize size;
        ThemeKind theme = ThemeKind::Light;
        friend bool operator==(const Shown&, const Shown&) = default;
    };
    struct Progress {
        std::vector<VariantPicture::Phase> phases;
        std::vector<bool> deadlocks;
        std::vector<WorkMark> marks;
        std::uint64_t memoryScale = 0; ///< stands beside rows of memory
        friend bool operator==(const Progress&, const Progress&) = default;
    };
    static Progress progressOf(const Canvas& canvas, const TimelineScene& scene);
    std::vector<QRect> paintGrowth(const Canvas& canvas, const TimelineScene& scene, const Progress& progress);
    /// Takes over from beside it what is different within `rect`.
    void takeOver(const QRect& rect, QRegion& changed);

    Surface m_picture;
    Surface m_beside;
    std::optional<Shown> m_shown; ///< none: no timeline
    Progress m_progress;
};

} // namespace timeslice
