// ElidedLabel: one line of text that gives way ("Two Python thr…") and tells the whole in its tooltip.
#pragma once

#include <QLabel>

namespace timeslice {

class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(QWidget* parent = nullptr);

    /// Also the accessible name. Hides QLabel's, which would claim the full width.
    void setText(const QString& text);
    /// Shown below the text in the tooltip.
    void setExplanation(const QString& explanation);
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    bool elided() const;
    QString m_explanation;
};

} // namespace timeslice
