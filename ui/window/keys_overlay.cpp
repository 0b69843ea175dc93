#include "ui/window/keys_overlay.h"

#include "ui/widgets/fact_table.h"
#include "ui/window/window_actions.h"

#include <QEvent>
#include <QFrame>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace timeslice {

KeysOverlay::KeysOverlay(const Theme& theme, QWidget* window)
    : QWidget(window)
    , m_theme(theme)
{
    setObjectName("keysOverlay");
    setAccessibleName(tr("Keys"));
    auto* card = new QFrame(this);
    card->setObjectName("keysCard");
    card->setFixedWidth(640); // every key beside what it does: one line each, which fit into 600 pixels
    auto* inner = new QVBoxLayout(card);
    inner->setContentsMargins(24, 14, 24, 14);
    auto* title = new QLabel(tr("KEYS"), card);
    title->setProperty("role", "section");
    inner->addWidget(title);
    auto* table = new FactTable(card);
    table->setTones({theme.mutedText, theme.good, theme.warning, theme.bad});
    std::vector<FactRow> rows;
    for (const KeyHint& hint : keyHints()) {
        rows.push_back({hint.meaning, {hint.key}, FactRow::Tone::Plain, {}});
    }
    table->setRows(std::move(rows));
    inner->addWidget(table);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(card, 0, Qt::AlignCenter);
    window->installEventFilter(this);
    resize(window->size());
    show();
    raise();
}

bool KeysOverlay::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parent() && event->type() == QEvent::Resize) {
        resize(parentWidget()->size());
    }
    return QWidget::eventFilter(watched, event);
}

void KeysOverlay::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    QColor veil = m_theme.window;
    veil.setAlphaF(0.75F);
    painter.fillRect(rect(), veil);
}

void KeysOverlay::mousePressEvent(QMouseEvent*)
{
    deleteLater();
}

} // namespace timeslice
