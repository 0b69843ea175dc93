// CodeView: the job as short code in a card: as tall as its lines, scrolled sideways if one is too long.
#pragma once

#include <QPlainTextEdit>

namespace timeslice {

class CodeView : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit CodeView(QWidget* parent = nullptr);
    void setCode(const QString& code);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void fitHeight();
};

} // namespace timeslice
