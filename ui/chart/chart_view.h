// ChartView: the chart of a run in a widget; it grows while points come in.
#pragma once

#include "core/model/run_model.h"
#include "ui/chart/paint_chart.h"

#include <QWidget>
#include <optional>

namespace timeslice {

/// Belongs to the UI thread.
class ChartView : public QWidget {
    Q_OBJECT
public:
    explicit ChartView(QWidget* parent = nullptr);

    /// `model` must outlive the view or the next call; may be null.
    void setModel(const RunModel* model);
    /// There may be more points; they are read when they are next looked at, and only if there are.
    void refresh();
    void setTheme(const Theme& theme);
    void setFontPoints(double points);
    const std::optional<Chart>& chart();

protected:
    bool event(QEvent* event) override; ///< a text that the table had no room for is told in full
    void paintEvent(QPaintEvent* event) override;

private:
    std::size_t points() const; ///< that the model has
    Canvas canvas(QPainter* painter) const;
    QRect room(const Canvas& canvas) const; ///< of the chart, in device pixels

    const RunModel* m_model = nullptr;
    const Theme* m_theme = &Theme::light();
    double m_points = 10;
    std::optional<Chart> m_chart;
    std::size_t m_known = 0; ///< points that m_chart shows
    bool m_stale = false;
    bool m_final = false;
};

} // namespace timeslice
