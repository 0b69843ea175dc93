// FittingScrollArea: as high as what is in it, up to a limit, from which on it scrolls.
//
// For what stands above something else that must keep its room, whatever the size of the text.
#pragma once

#include <QScrollArea>

namespace timeslice {

class FittingScrollArea : public QScrollArea {
    Q_OBJECT
public:
    /// Takes `content`, which is as wide as the area; its height may depend on its width.
    explicit FittingScrollArea(QWidget* content, QWidget* parent = nullptr);

    void setMostHeight(int height);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    int contentHeight(int width) const;
    void showBarIfNeeded(QSize room);

    int m_most = QWIDGETSIZE_MAX;
};

} // namespace timeslice
