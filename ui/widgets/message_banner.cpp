#include "ui/widgets/message_banner.h"

#include "ui/widgets/wrapped_label.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QTimer>
#include <QToolButton>

namespace timeslice {

namespace {
constexpr int kSuccessMillis = 12'000;
}

MessageBanner::MessageBanner(QWidget* parent)
    : QFrame(parent)
    , m_text(new WrappedLabel(this))
    , m_timer(new QTimer(this))
{
    setObjectName("messageBanner");
    m_text->setObjectName("messageText");
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* close = new QToolButton(this);
    close->setObjectName("dismissMessage");
    close->setText(QStringLiteral("✕"));
    close->setAccessibleName(tr("Dismiss the message"));
    close->setToolTip(tr("Dismiss (Esc)"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 8, 8, 8);
    layout->addWidget(m_text, 1);
    layout->addWidget(close, 0, Qt::AlignTop);
    connect(close, &QToolButton::clicked, this, &MessageBanner::dismiss);
    m_timer->setSingleShot(true);
    m_timer->setInterval(kSuccessMillis);
    connect(m_timer, &QTimer::timeout, this, &MessageBanner::dismiss);
    hide();
}

void MessageBanner::show(Kind kind, const QString& message)
{
    m_kind = kind;
    m_text->setText(message);
    setAccessibleName(message);
    setProperty("kind", kind == Kind::Error ? "error" : kind == Kind::Warning ? "warning" : "success");
    style()->unpolish(this);
    style()->polish(this);
    setVisible(true);
    if (kind == Kind::Success) {
        m_timer->start();
    } else {
        m_timer->stop();
    }
}

QString MessageBanner::message() const
{
    return m_text->text();
}

void MessageBanner::dismiss()
{
    m_timer->stop();
    hide();
}

} // namespace timeslice
