// WaitGraphView: who waits for whom, live or at any moment of a recording, beside the timeline.
//
// It shows the moment under the pointer in the timeline, else how things stand now, or stood at the end. What the
// pointer is at here is shown in the timeline, and the other way round (Exploration::pointed()). Nothing is drawn where
// nothing has changed: while a deadlock stands, it costs nothing.
#pragma once

#include "ui/course/exploration.h"
#include "ui/graph/wait_painter.h"
#include "ui/graph/wait_picture.h"
#include "ui/plot/run_picture.h"
#include "ui/theme/theme.h"

#include <QPointer>
#include <QStringList>
#include <QWidget>
#include <map>
#include <optional>

namespace timeslice {

/// Belongs to the UI thread.
class WaitGraphView : public QWidget {
    Q_OBJECT
public:
    explicit WaitGraphView(QWidget* parent = nullptr);

    void setExploration(Exploration& exploration);
    void setTheme(const Theme& theme);
    /// Another run, or none.
    void setRun(RunPicture run);
    /// The same run, which has grown.
    void grow(RunPicture run);

    /// Whether in any variant somebody waited, with more locks about than a GIL; else there is nothing to be seen here.
    bool hasSomething() const noexcept { return m_hasSomething; }
    std::size_t variant() const noexcept { return m_variant; } ///< which is shown
    const WaitGraph& graph() const noexcept { return m_graph; } ///< as it is shown
    const std::vector<WaitBox>& boxes() const noexcept { return m_boxes; } ///< in device pixels
    /// "now", "at 12.4 ms", "at the end".
    QString momentText() const;
    /// What the graph says, a line for each thread that waits.
    QStringList sentences() const;

    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

signals:
    /// There is something to be seen, or not any more.
    void contentChanged();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    /// What is known of one variant; `whole`: all that it will ever tell.
    struct Known {
        WaitPicture picture;
        bool whole = false;
    };
    void takeIn();
    void showMoment();
    std::size_t variantToShow() const;
    const Timeline* timelineOf(std::size_t variant) const;
    const WaitPicture* picture() const;
    std::optional<WaitNode> pointedNode() const;
    void plan();
    Canvas canvas(QPainter* painter) const;
    int graphHeight(int width) const;
    int textHeight(int width) const;
    /// None of them where not all have room: the arrows say the same.
    void paintSentences(const Canvas& canvas, QRect room) const;

    const Theme* m_theme = &Theme::light();
    QPointer<Exploration> m_exploration; ///< a window's members go before its widgets
    RunPicture m_run;
    std::map<std::size_t, Known> m_known; ///< by variant
    std::size_t m_variant = 0;
    WaitGraph m_graph;
    std::optional<Nanos> m_moment; ///< since the start of work; nothing: the end
    std::vector<WaitBox> m_boxes;
    std::vector<WaitSentence> m_sentences;
    bool m_hasSomething = false;
    bool m_pointing = false; ///< the pointer is over this view
};

} // namespace timeslice
