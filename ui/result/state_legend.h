// StateLegend: what the fills and patterns of the bars mean.
#pragma once

#include "ui/plot/state_signs.h"
#include "ui/theme/theme.h"

#include <QRect>
#include <QWidget>
#include <vector>

namespace timeslice {

class StateLegend : public QWidget {
    Q_OBJECT
public:
    explicit StateLegend(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setContents(const SignContents& contents);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void measure();
    int columns(int width) const;
    std::vector<QRect> places(int width) const; ///< of each sign with its text
    const Theme* m_theme = &Theme::light();
    SignContents m_contents;
    std::vector<StateSign> m_signs; ///< of the contents
    int m_widest = 0; ///< of their texts
};

} // namespace timeslice
