// TimelineView: the variants of a run under each other on one locked time scale, live, to look at and to explore.
//
// Wheel zooms at the cursor (with Shift it scrolls the rows), drag pans, W/S zoom and A/D pan, F fits, Z or a click on
// the break in the axis unfolds the start-up, a double-click zooms to a slice, hovering tells what a slice is and why
// it ended, a click selects; a click on the name of a process folds it, and so do Left and Right while the cursor is on
// it. Of a run it has a picture, which shares the timelines: it never copies them.
#pragma once

#include "ui/course/exploration.h"
#include "ui/plot/run_picture.h"
#include "ui/theme/theme.h"

#include <QWidget>
#include <memory>
#include <optional>

namespace timeslice {

/// Belongs to the UI thread.
class TimelineView : public QWidget {
    Q_OBJECT
public:
    explicit TimelineView(QWidget* parent = nullptr);
    ~TimelineView() override;

    /// What is looked at; one of its own unless told otherwise. Must outlive the view.
    void setExploration(Exploration& exploration);
    Exploration& exploration();
    /// Another run, or none: that shows `emptyText`. Resets the exploration.
    void setRun(RunPicture run);
    void setEmptyText(const QString& text);
    void setTheme(const Theme& theme);
    /// Names and numbers at `points` size; rows grow with it (presentation mode).
    void setFontPoints(double points);
    void setShowAuxiliary(bool show); ///< also coordinating threads
    void setShowCpu(bool show); ///< also CPU utilization (shown unless told otherwise)
    void setSqueeze(bool squeeze); ///< RowOptions::squeeze
    /// Where one variant is shown at a time: the next (1) or the one before (-1). False: there is none, or all are
    /// shown.
    bool turnVariant(int direction);
    /// To the first (-1) or the last (1) of them.
    void turnToEnd(int direction);

    /// The same run, which has grown. While it is live and the viewer has not zoomed, the scale follows it.
    void grow(RunPicture run);
    void fit();
    /// Shows the whole with the program's start-up, or again without it; nothing where none is folded.
    void toggleStartUp();
    /// Time relative to each variant's start of work, in ns.
    void zoomTo(TimeRange range);
    TimeRange visibleRange() const;
    std::optional<SliceRef> selection() const;

    QSize minimumSizeHint() const override;

signals:
    void hovered(const std::optional<timeslice::SliceRef>& ref);
    void selected(const std::optional<timeslice::SliceRef>& ref);

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void zoomToSlice(const SliceRef& ref);

    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace timeslice
