// ChoicePill: one answer to choose. Keeps room for the bold type it takes when chosen; gives way with "…" if it must.
#pragma once

#include <QPushButton>

namespace timeslice {

class ChoicePill : public QPushButton {
    Q_OBJECT
public:
    explicit ChoicePill(const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QFont boldFont() const;
    void fitText();
    QString m_text;
};

} // namespace timeslice
