// FlowLayout: widgets beside each other, and on the next line when the width is used up.
#pragma once

#include <QLayout>
#include <vector>

namespace timeslice {

/// A widget wider than the layout gets the layout's width. Lines are centred vertically within their height.
class FlowLayout : public QLayout {
public:
    FlowLayout(QWidget* parent, int spacing, int lineSpacing);
    ~FlowLayout() override;

    /// A widget that is left out rather than open a line of its own.
    void setOptional(QWidget* widget) { m_optional = widget; }

    void addItem(QLayoutItem* item) override;
    int count() const override;
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    void setGeometry(const QRect& rect) override;
    QSize sizeHint() const override;
    QSize minimumSize() const override;

private:
    int arrange(const QRect& rect, bool apply) const;
    std::vector<QLayoutItem*> m_items;
    int m_spacing;
    int m_lineSpacing;
    QWidget* m_optional = nullptr;
};

} // namespace timeslice
