// LegendStrip: what the fills and patterns in the picture mean, in a line or two below it; for the projector.
#pragma once

#include "ui/plot/state_signs.h"
#include "ui/theme/theme.h"

#include <QWidget>
#include <vector>

namespace timeslice {

class LegendStrip : public QWidget {
    Q_OBJECT
public:
    explicit LegendStrip(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setContents(const SignContents& contents);
    void setPixelSize(int pixels); ///< of its text
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Item {
        StateSign sign = StateSign::Running;
        QRect rect; ///< sign and text
    };
    std::vector<Item> items(int width) const;

    const Theme* m_theme = &Theme::light();
    SignContents m_contents;
};

} // namespace timeslice
