// FactTable: names on the left, figures on the right, as wide as the panel and never wider.
#pragma once

#include <QStringList>
#include <QWidget>
#include <cstddef>
#include <optional>
#include <vector>

namespace timeslice {

/// One line. `values` are right-aligned in columns, the last one at the edge.
struct FactRow {
    enum class Tone : unsigned char { Plain, Muted, Heading, Good, Warning, Bad };
    QString label;
    QStringList values;
    Tone tone = Tone::Plain;
    QString explanation; ///< for the tooltip
    bool chosen = false; ///< of a table whose rows can be chosen: this one is

    friend bool operator==(const FactRow&, const FactRow&) = default;
};

/// Colours of the tones that the palette does not hold.
struct ToneColors {
    QColor muted, good, warning, bad;
};

/// A label that has no room beside its values stands above them. Paints its rows itself, so that figures that change
/// several times a second cost no layout.
class FactTable : public QWidget {
    Q_OBJECT
public:
    explicit FactTable(QWidget* parent = nullptr);

    void setRows(std::vector<FactRow> rows);
    const std::vector<FactRow>& rows() const noexcept { return m_rows; }
    void setTones(const ToneColors& tones);
    /// A row can be chosen: by a click, or by the arrow keys where one is chosen already.
    void setChoosable(bool choosable);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

signals:
    /// The viewer chooses a row, whatever it is: whoever shows the table knows which of them mean something.
    void rowChosen(std::size_t row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    std::optional<std::size_t> rowAt(int y) const;
    int rowHeight() const;
    void measure();
    bool stacked(std::size_t row, int width) const;
    int heightOf(std::size_t row, int width) const;
    std::vector<FactRow> m_rows;
    std::vector<int> m_labels; ///< widths in this font, by row: layouts ask for the height again and again
    std::vector<int> m_columns; ///< from the left; rows with fewer values have the last ones
    ToneColors m_tones;
    bool m_choosable = false;
};

} // namespace timeslice
