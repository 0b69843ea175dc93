#include "ui/window/interpreter_finder.h"

#include <QMetaObject>
#include <algorithm>

namespace timeslice {

InterpreterFinder::InterpreterFinder(PythonSource source, QObject* parent)
    : QObject(parent)
    , m_source(std::move(source))
{
}

InterpreterFinder::~InterpreterFinder() = default;

void InterpreterFinder::find(const std::vector<std::filesystem::path>& added)
{
    if (m_begun) {
        return;
    }
    m_begun = true;
    m_search = std::jthread([this, added, search = m_source.find] {
        // Delivered by the UI thread's event loop, or dropped if this object is gone by then.
        QMetaObject::invokeMethod(
            this,
            [this, all = search(added)] {
                m_found = all;
                m_ready = true;
                emit found();
            },
            Qt::QueuedConnection);
    });
}

void InterpreterFinder::add(const std::filesystem::path& path)
{
    if (m_asking) {
        return;
    }
    m_asking = true;
    m_question = std::jthread([this, path, ask = m_source.ask] {
        QMetaObject::invokeMethod(
            this,
            [this, answer = ask(path)] {
                m_asking = false;
                if (!answer) {
                    emit refused(QString::fromStdString(answer.error().message));
                    return;
                }
                const auto same = [&](const Interpreter& known) { return known.path == answer->path; };
                if (std::none_of(m_found.begin(), m_found.end(), same)) {
                    m_found.push_back(*answer);
                }
                emit this->added(QString::fromStdString(answer->path.string()));
            },
            Qt::QueuedConnection);
    });
}

} // namespace timeslice
