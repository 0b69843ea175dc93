// TopBar: name of the program on the left, what can be done with a run on the right.
#pragma once

#include <QWidget>

class QLabel;

namespace timeslice {

struct WindowActions;

class TopBar : public QWidget {
    Q_OBJECT
public:
    /// `pictureSize` is marked in the export menu.
    TopBar(const WindowActions& actions, QSize pictureSize, QWidget* parent = nullptr);

signals:
    void pictureSizeChosen(QSize size);

protected:
    bool event(QEvent* event) override;

private:
    /// The name gives way where there is no room for all: the window's frame has it, too.
    void fit();

    QLabel* m_wordmark;
};

} // namespace timeslice
