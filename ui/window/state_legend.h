// StateLegend: what the fills and patterns of the bars mean.
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>
#include <vector>

namespace timeslice {

class StateLegend : public QWidget {
    Q_OBJECT
public:
    explicit StateLegend(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// What a waiting thread waits for: "the GIL", "a lock"; empty = the run has no lock.
    /// `others`: the CPU row shows other processes, too.
    void setContents(const QString& lock, bool others);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    enum class Sign : unsigned char { Running, WaitingForLock, Runnable, Blocked, Others };
    std::vector<Sign> signs() const;
    QString label(Sign sign) const;
    int columns(int width) const;
    const Theme* m_theme = &Theme::light();
    QString m_lock;
    bool m_others = false;
};

} // namespace timeslice
