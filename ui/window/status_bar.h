// StatusBar: measured or inferred, at what cost, on which machine.
#pragma once

#include "core/analysis/report.h"
#include "ui/result/trust.h"

#include <QWidget>

class QLabel;

namespace timeslice {

class ElidedLabel;

class StatusBar : public QWidget {
    Q_OBJECT
public:
    explicit StatusBar(QWidget* parent = nullptr);

    /// An empty word: nothing recorded.
    void setSource(const SourceText& text);
    void setMachine(const MachineFacts& machine);

private:
    QLabel* m_word;
    ElidedLabel* m_details;
    ElidedLabel* m_machine;
};

} // namespace timeslice
