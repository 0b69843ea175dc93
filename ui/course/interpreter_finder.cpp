#include "ui/course/interpreter_finder.h"

#include <QMetaObject>
#include <algorithm>
#include <system_error>

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
    // Delivered by the UI thread's event loop, or dropped if this object is gone by then.
    const auto deliver = [this](const std::vector<Interpreter>& all) {
        QMetaObject::invokeMethod(
            this,
            [this, all] {
                m_found = all;
                m_ready = true;
                emit found();
            },
            Qt::QueuedConnection);
    };
    try {
        m_search = std::jthread([added, deliver, search = m_source.find] { deliver(search(added)); });
    } catch (const std::system_error&) { // no thread to be had: none are found, and a person can name one
        deliver({});
    }
}

void InterpreterFinder::add(const std::filesystem::path& path)
{
    if (m_asking) {
        return;
    }
    m_asking = true;
    const auto deliver = [this](const Result<Interpreter>& answered) {
        QMetaObject::invokeMethod(
            this,
            [this, answer = answered] {
                m_asking = false;
                if (!answer) {
                    emit refused(QString::fromStdString(answer.error().message));
                    return;
                }
                const auto same = [&](const Interpreter& known) { return known.path == answer->path; };
                if (std::none_of(m_found.begin(), m_found.end(), same)) {
                    m_found.push_back(*answer);
                }
                emit added(QString::fromStdString(answer->path.string()));
            },
            Qt::QueuedConnection);
    };
    try {
        m_question = std::jthread([path, deliver, ask = m_source.ask] { deliver(ask(path)); });
    } catch (const std::system_error& error) {
        deliver(fail("cannot ask " + path.string() + " what it is: " + error.what()));
    }
}

} // namespace timeslice
