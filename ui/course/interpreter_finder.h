// InterpreterFinder: looks for Pythons without keeping the window waiting.
#pragma once

#include "ui/course/python_source.h"

#include <QObject>
#include <QString>
#include <thread>

namespace timeslice {

/// Belongs to the UI thread; asks on threads of its own.
class InterpreterFinder : public QObject {
    Q_OBJECT
public:
    explicit InterpreterFinder(PythonSource source, QObject* parent = nullptr);
    /// Waits for an answer that is still to come: seconds at most.
    ~InterpreterFinder() override;

    /// Looks once; found() follows, if it has not been emitted before. `added`: the viewer's own.
    void find(const std::vector<std::filesystem::path>& added);
    /// Asks one more; added() or refused() follows. Ignored while an earlier one is being asked.
    void add(const std::filesystem::path& path);

    bool ready() const noexcept { return m_ready; }
    /// In the order of preference.
    const std::vector<Interpreter>& interpreters() const noexcept { return m_found; }

signals:
    void found();
    void added(const QString& path);
    /// `message` says what that file is instead.
    void refused(const QString& message);

private:
    PythonSource m_source;
    std::vector<Interpreter> m_found;
    std::jthread m_search;
    std::jthread m_question;
    bool m_begun = false;
    bool m_ready = false;
    bool m_asking = false;
};

} // namespace timeslice
