// StateLegend: what the fills and patterns of the bars mean.
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

namespace timeslice {

class StateLegend : public QWidget {
    Q_OBJECT
public:
    explicit StateLegend(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// What a waiting thread waits for: "the GIL", "a lock".
    void setLockName(const QString& name);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList labels() const;
    int columns(int width) const;
    const Theme* m_theme = &Theme::light();
    QString m_lock;
};

} // namespace timeslice
