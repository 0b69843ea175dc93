// HeadlineLabel: the measured number in type as large as fits.
#pragma once

#include <QColor>
#include <QWidget>

namespace timeslice {

class HeadlineLabel : public QWidget {
    Q_OBJECT
public:
    explicit HeadlineLabel(QWidget* parent = nullptr);

    /// Its height stays. Where its width decides over its neighbours', call updateGeometry(): elsewhere a figure that
    /// changes several times a second costs no layout.
    void setText(const QString& text);
    QString text() const { return m_text; }
    /// Height of the type in pixels where the width allows it.
    void setPixelSize(int pixels);
    /// An invalid colour: that of text.
    void setColor(const QColor& color);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QFont fontOf(int pixels) const;
    int below(const QFontMetrics& metrics) const; ///< the line that the text stands on, in pixels
    QString m_text;
    QColor m_color;
    int m_pixels = 52;
};

} // namespace timeslice
