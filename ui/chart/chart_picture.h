// ChartPicture: one chart in a widget, as tall as it needs; for the panel.
#pragma once

#include "core/analysis/chart.h"
#include "ui/theme/theme.h"

#include <QWidget>
#include <optional>

namespace timeslice {

/// Belongs to the UI thread.
class ChartPicture : public QWidget {
    Q_OBJECT
public:
    explicit ChartPicture(QWidget* parent = nullptr);

    /// nullopt: nothing is drawn.
    void setChart(std::optional<Chart> chart);
    const std::optional<Chart>& chart() const noexcept { return m_chart; }
    void setTheme(const Theme& theme);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme* m_theme = &Theme::light();
    std::optional<Chart> m_chart;
};

} // namespace timeslice
