// PythonChooser: which CPython a lesson's scripts run under; a button with a menu, filled when it is first opened.
#pragma once

#include "core/python/interpreter.h"

#include <QPushButton>
#include <filesystem>
#include <vector>

class QMenu;

namespace timeslice {

class PythonChooser : public QPushButton {
    Q_OBJECT
public:
    explicit PythonChooser(QWidget* parent = nullptr);

    /// Empty: the best that is found.
    const std::filesystem::path& chosen() const noexcept { return m_chosen; }
    void setInterpreters(const std::vector<Interpreter>& found);

signals:
    /// The menu opens, and the interpreters have not been looked for.
    void wanted();

private:
    void fill();
    void choose(const std::filesystem::path& path, const QString& name);

    QMenu* m_menu;
    std::vector<Interpreter> m_found;
    std::filesystem::path m_chosen;
    bool m_asked = false;
};

} // namespace timeslice
