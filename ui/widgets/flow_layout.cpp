#include "ui/widgets/flow_layout.h"

#include <QWidget>
#include <algorithm>

namespace timeslice {

FlowLayout::FlowLayout(QWidget* parent, int spacing, int lineSpacing)
    : QLayout(parent)
    , m_spacing(spacing)
    , m_lineSpacing(lineSpacing)
{
    setContentsMargins(0, 0, 0, 0);
}

FlowLayout::~FlowLayout()
{
    for (QLayoutItem* item : m_items) {
        delete item;
    }
}

void FlowLayout::addItem(QLayoutItem* item)
{
    m_items.push_back(item);
}

int FlowLayout::count() const
{
    return static_cast<int>(m_items.size());
}

QLayoutItem* FlowLayout::itemAt(int index) const
{
    return index >= 0 && index < count() ? m_items[static_cast<std::size_t>(index)] : nullptr;
}

QLayoutItem* FlowLayout::takeAt(int index)
{
    if (index < 0 || index >= count()) {
        return nullptr;
    }
    QLayoutItem* item = m_items[static_cast<std::size_t>(index)];
    m_items.erase(m_items.begin() + index);
    return item;
}

int FlowLayout::heightForWidth(int width) const
{
    return arrange({0, 0, width, 0}, false);
}

void FlowLayout::setGeometry(const QRect& rect)
{
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

QSize FlowLayout::sizeHint() const
{
    QSize size;
    for (const QLayoutItem* item : m_items) {
        if (!item->isEmpty()) {
            const QSize hint = item->sizeHint();
            size = {size.width() + hint.width() + (size.width() > 0 ? m_spacing : 0),
                std::max(size.height(), hint.height())};
        }
    }
    return size.grownBy(contentsMargins());
}

QSize FlowLayout::minimumSize() const
{
    QSize size;
    for (const QLayoutItem* item : m_items) {
        if (!item->isEmpty() && item->widget() != m_optional) {
            size = size.expandedTo(item->minimumSize());
        }
    }
    return size.grownBy(contentsMargins());
}

int FlowLayout::arrange(const QRect& outer, bool apply) const
{
    struct Placed {
        QLayoutItem* item;
        QSize size;
        int x;
    };
    const QMargins margins = contentsMargins();
    const QRect rect = outer.marginsRemoved(margins);
    const int right = rect.x() + rect.width();
    std::vector<Placed> line;
    int y = rect.y();
    int x = rect.x();
    int height = 0;
    const auto finishLine = [&] {
        for (const Placed& placed : line) {
            if (apply) {
                const int top = y + (height - placed.size.height()) / 2;
                placed.item->setGeometry(QRect(QPoint(placed.x, top), placed.size));
            }
        }
        line.clear();
    };
    for (QLayoutItem* item : m_items) {
        if (item->isEmpty()) {
            continue;
        }
        QSize size = item->sizeHint();
        const int least = item->widget() == m_optional ? 0 : item->minimumSize().width();
        size.setWidth(std::min(size.width(), std::max(rect.width(), least)));
        if (!line.empty() && x + size.width() > right) {
            if (item->widget() == m_optional) {
                if (apply) {
                    item->setGeometry(QRect(rect.topLeft(), QSize(0, 0)));
                }
                continue;
            }
            finishLine();
            y += height + m_lineSpacing;
            x = rect.x();
            height = 0;
        }
        line.push_back({item, size, x});
        x += size.width() + m_spacing;
        height = std::max(height, size.height());
    }
    finishLine();
    return y + height - rect.y() + margins.top() + margins.bottom();
}

} // namespace timeslice
