// StepLane: one row of what was stepped: a place for each step of the whole order, filled where the row has something.
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>
#include <vector>

namespace timeslice {

class StepLane : public QWidget {
    Q_OBJECT
public:
    struct Cell {
        enum class Kind : unsigned char {
            Empty,
            Step, ///< in the thread's colour
            Value, ///< a number on the plain lane
            Lost, ///< the same, and it says that something went wrong
        };
        Kind kind = Kind::Empty;
        QString above;
        QString below; ///< may be empty
        friend bool operator==(const Cell&, const Cell&) = default;
    };

    explicit StepLane(QWidget* parent = nullptr);

    void setCells(std::vector<Cell> cells); ///< as many as the whole order has steps
    const std::vector<Cell>& cells() const noexcept { return m_cells; }
    /// What has to fit into a cell: all that is shown is as small as that takes.
    void setWidest(const QString& text);
    void setTone(const ThreadTone& tone);
    void setTheme(const Theme& theme);
    void setPixelSize(int pixels);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QRect place(std::size_t cell) const;
    int fittingPixels(int width) const;

    std::vector<Cell> m_cells;
    QString m_widest;
    ThreadTone m_tone;
    const Theme* m_theme = &Theme::light();
    int m_pixels = 13;
};

} // namespace timeslice
