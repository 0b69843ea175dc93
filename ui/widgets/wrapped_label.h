// WrappedLabel: a label of several lines that breaks its text once for each width.
//
// Layouts within layouts ask again and again how high it is at the same few widths, and QLabel lays its text out anew
// each time; a label that can be selected is painted anew besides. With a panel of such labels that was a third of a
// frame.
#pragma once

#include <QLabel>
#include <utility>
#include <vector>

namespace timeslice {

class WrappedLabel : public QLabel {
    Q_OBJECT
public:
    explicit WrappedLabel(QWidget* parent = nullptr);

    /// Of some width: the layout decides, and asks how high it is then.
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    void changeEvent(QEvent* event) override;

private:
    mutable QString m_measured; ///< the text that the heights are of: QLabel::setText() tells nobody
    mutable std::vector<std::pair<int, int>> m_heights; ///< widths, and the height at each
};

} // namespace timeslice
