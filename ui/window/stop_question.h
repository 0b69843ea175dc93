// StopQuestion: whether what runs may be ended.
#pragma once

#include <QPointer>
#include <QString>
#include <functional>

class QMessageBox;
class QWidget;

namespace timeslice {

class Desk;

/// Belongs to the UI thread; `desk` and `window` must outlive it.
class StopQuestion {
public:
    StopQuestion(const Desk& desk, QWidget& window);

    /// Asks in place of an earlier question. `consequence`: what is lost; `button`: what agreeing is called.
    void ask(const QString& consequence, const QString& button, std::function<void()> stop);

private:
    const Desk& m_desk;
    QWidget& m_window;
    QPointer<QMessageBox> m_box;
};

} // namespace timeslice
