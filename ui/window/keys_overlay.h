// KeysOverlay: what the keyboard does, over the window, until any key or click.
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

namespace timeslice {

class KeysOverlay : public QWidget {
    Q_OBJECT
public:
    /// Covers `window` and follows its size.
    KeysOverlay(const Theme& theme, QWidget* window);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    const Theme& m_theme;
};

} // namespace timeslice
