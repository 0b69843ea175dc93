// MessageBanner: a calm line above the picture that says what went wrong, or where a file went.
#pragma once

#include <QFrame>

class QLabel;
class QTimer;

namespace timeslice {

class MessageBanner : public QFrame {
    Q_OBJECT
public:
    enum class Kind : unsigned char { Success, Warning, Error };

    explicit MessageBanner(QWidget* parent = nullptr);

    /// Stays until dismissed or replaced; a success goes by itself.
    void show(Kind kind, const QString& message);
    QString message() const;
    Kind kind() const noexcept { return m_kind; }

public slots:
    void dismiss();

private:
    QLabel* m_text;
    QTimer* m_timer;
    Kind m_kind = Kind::Success;
};

} // namespace timeslice
