#include "ui/widgets/wrapped_label.h"

#include <QEvent>

namespace timeslice {

WrappedLabel::WrappedLabel(QWidget* parent)
    : QLabel(parent)
{
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
}

QSize WrappedLabel::sizeHint() const
{
    return {200, heightForWidth(200)};
}

QSize WrappedLabel::minimumSizeHint() const
{
    return {60, fontMetrics().height()};
}

int WrappedLabel::heightForWidth(int width) const
{
    constexpr std::size_t kMostWidths = 16; // while the window is being resized
    if (m_measured != text() || m_heights.size() >= kMostWidths) {
        m_measured = text();
        m_heights.clear();
    }
    for (const auto& [measured, height] : m_heights) {
        if (measured == width) {
            return height;
        }
    }
    return m_heights.emplace_back(width, QLabel::heightForWidth(width)).second;
}

void WrappedLabel::changeEvent(QEvent* event)
{
    m_heights.clear(); // its font, most of all
    QLabel::changeEvent(event);
}

} // namespace timeslice
