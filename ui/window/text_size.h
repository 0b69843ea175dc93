// TextSize: how large the window's text is: Ctrl +, Ctrl -, Ctrl 0; remembered.
#pragma once

#include "ui/course/settings.h"

#include <QFont>
#include <QObject>

namespace timeslice {

/// Belongs to the UI thread. `settings` must outlive it.
class TextSize : public QObject {
    Q_OBJECT
public:
    explicit TextSize(WindowSettings& settings, QObject* parent = nullptr);

    /// Of the size that the desktop asks for.
    double scale() const noexcept { return m_scale; }
    /// A style sheet with all its sizes in points scaled, and the heights of what has text in it.
    QString scaled(const QString& styleSheet) const;
    /// One step larger (1) or smaller (-1); 0: as the desktop asks.
    void step(int direction);

signals:
    void changed();

private:
    void apply();

    WindowSettings& m_settings;
    QFont m_usual;
    double m_scale = 1;
};

} // namespace timeslice
