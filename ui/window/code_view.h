// CodeView: the job as short code in a card, as tall as its lines.
#pragma once

#include <QPlainTextEdit>

namespace timeslice {

/// Sets the type as large as the longest line allows, within bounds; a line that is longer still is wrapped.
class CodeView : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit CodeView(QWidget* parent = nullptr);
    void setCode(const QString& code);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void fit();
};

} // namespace timeslice
