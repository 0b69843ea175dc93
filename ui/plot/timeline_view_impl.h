// What a TimelineView is made of: its plot, what is laid out, and what the pointer is at. Private to the view's own
// source files, of which timeline_view.cpp answers the program and timeline_view_input.cpp the viewer.
#pragma once

#include "ui/plot/timeline_plottable.h"
#include "ui/plot/timeline_view.h"

#include <QApplication>
#include <QScrollBar>
#include <algorithm>
#include <cmath>
#include <utility>

namespace timeslice {

struct TimelineView::Impl {
    explicit Impl(TimelineView* owner)
        : view(owner)
        , plot(new TimelinePlot(owner, state))
        , scrollBar(new QScrollBar(Qt::Vertical, owner))
    {
        state.exploration = exploration;
        plot->setAttribute(Qt::WA_TransparentForMouseEvents); // the view handles input
        plot->setFocusPolicy(Qt::NoFocus);
        plot->plotLayout()->setMargins(QMargins());
        plot->axisRect()->setAutoMargins(QCP::msNone);
        plot->axisRect()->setMargins(QMargins());
        for (QCPAxis* axis : plot->axisRect()->axes()) {
            axis->setVisible(false);
            axis->grid()->setVisible(false);
        }
        QObject::connect(plot, &QCustomPlot::beforeReplot, view, [this] { prepare(); });
        scrollBar->hide();
        QObject::connect(scrollBar, &QScrollBar::valueChanged, view, [this](int value) {
            state.scroll = value;
            refreshHover();
            repaint();
        });
    }

    bool running() const { return state.run.live; }

    void repaint() { plot->redrawSoon(); }
    void repaintOverlay() { plot->update(); }

    /// The run has grown. Of a live run only what is new is drawn; out of sight, nothing.
    void repaintGrowth()
    {
        if (running()) {
            plot->drawGrowth();
        } else {
            repaint();
        }
    }

    /// Before each replot: rows, their places, the scale.
    void prepare()
    {
        const double ratio = view->devicePixelRatioF();
        if (!qFuzzyCompare(plot->bufferDevicePixelRatio(), ratio)) {
            plot->setBufferDevicePixelRatio(ratio); // QCustomPlot 2.1.0 does not notice a new screen
        }
        state.pixelRatio = ratio;
        state.font = view->font();
        state.size = QSize(static_cast<int>(std::lround(plot->width() * ratio)),
            static_cast<int>(std::lround(plot->height() * ratio)));
        layOut();
        const int overflow = std::max(0, state.layout.contentHeight + state.layout.axisHeight - state.size.height());
        scrollBar->setRange(0, overflow);
        scrollBar->setPageStep(state.size.height());
        scrollBar->setSingleStep(std::max(1, state.layout.rowHeight));
        scrollBar->setVisible(overflow > 0);
        state.scroll = std::min(state.scroll, overflow);
        placeScrollBar();

        if (!exploration->range()) {
            showFull();
        }
        const double left = state.layout.laneLeft / ratio;
        const double right = (state.size.width() - state.layout.laneRight) / ratio;
        plot->axisRect()->setMargins(QMargins(static_cast<int>(std::lround(left)), 0,
            static_cast<int>(std::lround(right)), static_cast<int>(state.layout.axisHeight / ratio)));
    }

    void layOut()
    {
        // Frame by frame it is the same as before; to measure every name anew costs as much as to draw a row.
        state.rows.groups = state.run.groups;
        state.rows.folds = exploration->folds();
        LaidOut wanted{describeRows(variants(), state.rows), state.rows.squeeze, state.size, state.em(), state.font,
            state.rows.squeeze && !variants().empty() ? variantToShow() : 0};
        if (wanted == laidOut) {
            return;
        }
        laidOut = std::move(wanted);
        LayoutRequest request;
        request.size = state.size;
        request.em = state.em();
        const Canvas canvas = state.canvas(nullptr);
        const QFontMetrics regular(scaledFont(canvas, 1));
        const QFontMetrics bold(scaledFont(canvas, 1, true));
        request.textWidth = [&](const QString& text, bool strong) {
            return (strong ? bold : regular).horizontalAdvance(text);
        };
        if (!state.rows.squeeze) {
            paged = false;
            // On a small screen rather lower rows, and at last no CPU rows, than rows out of sight.
            constexpr double kLow = 1;
            constexpr double kLowest = 0.74; // the names just keep clear of each other
            RowOptions fewer = state.rows;
            LayoutRequest low = request;
            low.minRowEm = kLow;
            LayoutRequest lowest = request;
            lowest.minRowEm = kLowest;
            fewer.cpu = false;
            if (!take(state.rows, request) && !take(state.rows, low) && !take(fewer, low) && !take(fewer, lowest)) {
                take(state.rows, request);
            }
        } else {
            squeeze(request);
        }
    }

    std::span<const VariantPicture> variants() const { return state.run.variants; }

    /// Whether all of it fits with these rows; `alone`: without the headings of variants that have no rows.
    bool take(const RowOptions& options, const LayoutRequest& request, bool alone = false)
    {
        std::vector<RowContent> rows = describeRows(variants(), options);
        if (alone && options.onlyVariant) {
            std::erase_if(rows, [&](const RowContent& row) { return row.variant != *options.onlyVariant; });
        }
        state.layout = layoutRows(std::move(rows), request);
        return state.layout.fits(state.size.height());
    }

    void squeeze(LayoutRequest request)
    {
        constexpr double kSeenFromAfar = 1.29; // of a font of a 36th of the height: a 28th
        constexpr double kSqueezedEm[] = {1.05, 0.9};
        const std::vector<RowOptions> choices = withFewerKinds(state.rows, state.run.evidence);
        request.minRowEm = kSeenFromAfar;
        for (const bool one : {false, true}) {
            paged = one;
            if (one && variants().size() < 2) {
                break;
            }
            request.maxRowEm = one ? 3.5 : request.maxRowEm;
            for (RowOptions options : choices) {
                options.onlyVariant = one ? std::optional(variantToShow()) : std::nullopt;
                if (take(options, request)) {
                    return;
                }
            }
        }
        RowOptions options = choices.back();
        options.onlyVariant = paged ? std::optional(variantToShow()) : std::nullopt;
        for (const bool alone : {false, true}) {
            for (const double least : kSqueezedEm) {
                request.minRowEm = least;
                if (take(options, request, alone)) {
                    return;
                }
            }
        }
    }

    /// Of several, one of which is shown: the one that runs; then the one that the viewer turned to, at first that
    /// which the question is about.
    std::size_t variantToShow() const
    {
        for (std::size_t i = 0; i < variants().size(); ++i) {
            if (variants()[i].phase == VariantPicture::Phase::Running) {
                return i;
            }
        }
        return std::min(exploration->variant().value_or(state.run.asked), variants().size() - 1);
    }

    void placeScrollBar()
    {
        const int width = scrollBar->sizeHint().width();
        const int axis = static_cast<int>(state.layout.axisHeight / state.pixelRatio);
        scrollBar->setGeometry(view->width() - width, 0, width, std::max(0, view->height() - axis));
    }

    void showFull()
    {
        const WholeRange shown = state.whole().shown;
        setRange(shown.begin, shown.end);
    }

    void setRange(double begin, double end)
    {
        const QCPRange old = plot->xAxis->range();
        if (old.lower != begin || old.upper != end) {
            plot->xAxis->setRange(begin, end);
        }
    }

    void show(const TimeScale& scale) { exploration->move({scale.begin, scale.end}); }

    void explore(Exploration& other)
    {
        exploration->disconnect(view);
        exploration = &other;
        state.exploration = exploration;
        if (exploration != &own) { // it may go before the view does: a window's members before its widgets
            QObject::connect(exploration, &QObject::destroyed, view, [this] {
                pointing = false;
                exploration = &own;
                state.exploration = &own;
            });
        }
        QObject::connect(exploration, &Exploration::rangeChanged, view, [this] { showExplored(); });
        QObject::connect(exploration, &Exploration::foldsChanged, view, [this] {
            prepare();
            refreshHover();
            repaint();
        });
        QObject::connect(exploration, &Exploration::pointedChanged, view, [this] {
            if (!state.cursor) {
                repaintOverlay();
            }
        });
        QObject::connect(exploration, &Exploration::variantChanged, view, [this] {
            state.scroll = 0;
            prepare();
            refreshHover();
            repaint();
        });
        QObject::connect(exploration, &Exploration::selectionChanged, view, [this] {
            repaintOverlay();
            emit view->selected(exploration->selection());
        });
        showExplored();
    }

    void showExplored()
    {
        if (const Exploration::Range& range = exploration->range()) {
            setRange(range->begin, range->end);
        } else {
            showFull();
        }
        refreshHover();
        repaint();
    }

    /// The scale's outer bound while it is explored: what is recorded, or what is shown of a run that still grows.
    WholeRange bound() const
    {
        const WholeRange shown = state.whole().shown;
        return {std::min(shown.begin, 0.0), shown.end};
    }

    QPoint toDevice(const QPointF& position) const
    {
        return QPoint(static_cast<int>(std::floor(position.x() * state.pixelRatio)),
            static_cast<int>(std::floor(position.y() * state.pixelRatio)));
    }

    void hoverAt(const QPointF& position)
    {
        state.cursor = toDevice(position);
        refreshHover();
        repaintOverlay();
    }

    void refreshHover()
    {
        const bool had = state.hover && state.hover->ref;
        state.hover.reset();
        if (state.cursor && !state.empty() && !dragging) {
            state.hover = pick(plot->timeline().scene(), *state.cursor, state.pixelRatio);
        }
        if (state.hover && state.hover->ref) {
            emit view->hovered(state.hover->ref);
        } else if (had) {
            emit view->hovered(std::nullopt);
        }
        if (state.cursor || pointing) {
            pointing = state.cursor.has_value();
            exploration->point(
                pointing && !state.empty() ? pointedAt(plot->timeline().scene(), *state.cursor) : std::nullopt);
        }
        if (!dragging) {
            view->setCursor(overAxisBreak() || foldUnderCursor() ? Qt::PointingHandCursor : Qt::ArrowCursor);
        }
    }

    bool overAxisBreak() const
    {
        return state.cursor && axisBreakTarget(plot->timeline().scene()).contains(*state.cursor);
    }

    bool canFold() const { return !running() && state.whole().axisBreak.has_value(); }
    void toggleStartUp() { exploration->foldStartUp(!exploration->startUpFolded()); }

    void zoomAt(double pixel, double factor)
    {
        if (state.empty()) {
            return;
        }
        const TimeScale scale = plot->timeline().scene().scale;
        show(zoomed(scale, factor, pixelToTime(scale, pixel), bound()));
    }

    void pan(double pixels)
    {
        if (!state.empty()) {
            show(panned(plot->timeline().scene().scale, pixels, bound()));
        }
    }

    /// Where keys zoom: at the cursor if it is over the lanes, else in the middle.
    double keyPixel() const
    {
        const TimelineLayout& layout = state.layout;
        if (state.cursor && state.cursor->x() >= layout.laneLeft && state.cursor->x() < layout.laneRight) {
            return state.cursor->x();
        }
        return (layout.laneLeft + layout.laneRight) / 2.0;
    }

    std::optional<PickedFold> foldUnderCursor() const
    {
        return state.cursor && !state.empty() ? pickFold(plot->timeline().scene(), *state.cursor) : std::nullopt;
    }
    /// Left and Right fold and unfold the process whose name the cursor is on. False: it is on none.
    bool foldByKey(bool unfold)
    {
        const auto fold = foldUnderCursor();
        if (fold) {
            exploration->setUnfolded(fold->process, unfold);
        }
        return fold.has_value();
    }

    void scrollBy(int devicePixels) { scrollBar->setValue(scrollBar->value() + devicePixels); }

    TimelineView* view;
    PlotState state;
    /// What the layout was made of.
    struct LaidOut {
        std::vector<RowContent> rows;
        bool squeeze = false;
        QSize size;
        double em = 0;
        QFont font;
        std::size_t variant = 0; ///< shown, where it is one at a time
        friend bool operator==(const LaidOut&, const LaidOut&) = default;
    };
    LaidOut laidOut;
    TimelinePlot* plot; // child of the view
    QScrollBar* scrollBar; // child of the view
    Exploration own;
    Exploration* exploration = &own; ///< without a range the scale follows the run
    bool paged = false; ///< one variant is shown at a time
    bool pointing = false; ///< the pointer is over this view: it says what it is at
    bool pressed = false;
    bool dragging = false;
    QPointF pressedAt;
    QPointF draggedTo;
};

} // namespace timeslice
