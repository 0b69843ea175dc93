// CodeView: the job as short code in a card, as tall as its lines.
#pragma once

#include <QPlainTextEdit>

namespace timeslice {

/// Asks for type as large as its longest line allows, within bounds; a line that is longer still is wrapped.
class CodeView : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit CodeView(QWidget* parent = nullptr);
    void setCode(const QString& code);
    /// The size at which every line fits, as far as bounds allow.
    int fittingPixels() const;
    void setTypePixels(int pixels);

signals:
    void widthChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void fitHeight();
};

} // namespace timeslice
