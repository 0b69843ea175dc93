// PanelSection: a heading in small capitals and what belongs under it.
#pragma once

#include <QVBoxLayout>
#include <QWidget>

class QLabel;

namespace timeslice {

class ElidedLabel;

class PanelSection : public QWidget {
    Q_OBJECT
public:
    explicit PanelSection(const QString& title, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    QString title() const;
    /// Adds below what is there.
    void add(QWidget* widget, int spaceAbove = 0);
    /// A label in a role of the style sheet, wrapped.
    QLabel* addText(const char* role = nullptr, int spaceAbove = 0);

private:
    ElidedLabel* m_title;
    QVBoxLayout* m_layout;
};

} // namespace timeslice
