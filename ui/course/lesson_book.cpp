#include "ui/course/lesson_book.h"

#include "ui/text/free_text.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <cassert>
#include <utility>

namespace timeslice {

namespace {

Scenario resolvedOrRaw(const Scenario& scenario, int cores)
{
    auto resolved = resolve(scenario, cores);
    return resolved ? std::move(*resolved) : scenario;
}

constexpr const char* kScripts = "scripts"; ///< their chapter

/// What stands in the header and the list. Nothing in it is an expression, so it needs no resolving.
Scenario describeScript(const Script& script)
{
    const QString interpreter =
        script.interpreter.isEmpty() ? QStringLiteral("python3") : QDir::toNativeSeparators(script.interpreter);
    Scenario scenario;
    scenario.id = "script:" + script.path.toStdString();
    scenario.chapter = kScripts;
    scenario.title = QFileInfo(script.path).fileName().toStdString();
    scenario.question = joinCommand(commandOf(script, interpreter)).toStdString();
    scenario.engine = Engine::CPython;
    VariantSpec variant;
    variant.id = "script";
    variant.title = scenario.title;
    variant.engine = Engine::CPython;
    scenario.variants.push_back(std::move(variant));
    return scenario;
}

} // namespace

RunMark markOf(const RunModel& model)
{
    if (!model.finished()) {
        return RunMark::None;
    }
    if (model.stopped()) {
        return RunMark::Stopped;
    }
    const auto failed = [&](const VariantModel& variant) {
        const Exit& exit = variant.report.exit;
        return variant.phase == VariantModel::Phase::Ended && !model.endedAsExpected(variant)
            && exit.kind != Exit::Kind::NotRun && exit.kind != Exit::Kind::Deadlocked;
    };
    const auto& variants = model.variants();
    return model.error() || std::any_of(variants.begin(), variants.end(), failed) ? RunMark::Failed : RunMark::Done;
}

QString questionOf(const Scenario& scenario)
{
    const QString question = text(scenario.question);
    return scenario.defines.empty() ? question : question + u'\n' + text(scenario.defines);
}

LessonBook::LessonBook(Catalogue catalogue, int cores)
    : m_cores(cores)
    , m_damaged(std::move(catalogue.damaged))
{
    m_lessons.reserve(catalogue.scenarios.size());
    for (Scenario& scenario : catalogue.scenarios) {
        add(std::move(scenario));
    }
}

void LessonBook::add(Scenario scenario)
{
    Lesson& lesson = m_lessons.emplace_back();
    lesson.scenario = std::move(scenario);
    lesson.shown = resolvedOrRaw(lesson.scenario, m_cores);
}

void LessonBook::replaceCatalogue(Catalogue catalogue)
{
    std::vector<Lesson> before = std::exchange(m_lessons, {});
    for (Scenario& scenario : catalogue.scenarios) {
        const auto same = std::find_if(before.begin(), before.end(), [&](const Lesson& lesson) {
            return !lesson.script && lesson.scenario.id == scenario.id
                && lesson.scenario.sourcePath == scenario.sourcePath && lesson.scenario.replaces == scenario.replaces
                && lesson.scenario.document == scenario.document; // scripts' texts are a part of it
        });
        if (same != before.end()) {
            m_lessons.push_back(std::move(*same));
            before.erase(same);
        } else {
            add(std::move(scenario));
        }
    }
    for (Lesson& lesson : before) {
        if (lesson.script) {
            m_lessons.push_back(std::move(lesson));
        }
    }
    m_damaged = std::move(catalogue.damaged);
}

void LessonBook::setKnob(std::size_t index, const std::string& id, const std::string& value)
{
    Lesson& lesson = m_lessons[index];
    [[maybe_unused]] const auto set = timeslice::setKnob(lesson.scenario, id, value);
    assert(set);
    lesson.shown = resolvedOrRaw(lesson.scenario, m_cores);
}

std::size_t LessonBook::addScript(const Script& script)
{
    Scenario described = describeScript(script);
    std::size_t index = indexOf(described.id).value_or(m_lessons.size());
    if (index == m_lessons.size()) {
        m_lessons.emplace_back();
    }
    Lesson& lesson = m_lessons[index];
    if (!lesson.shown.variants.empty()) {
        described.variants.front().code = lesson.shown.variants.front().code;
    }
    lesson.script = script;
    lesson.scenario = described;
    lesson.shown = std::move(described);
    return index;
}

Result<void> LessonBook::readScriptText(std::size_t index)
{
    Lesson& lesson = m_lessons[index];
    const auto text = readScript(lesson.script->path);
    lesson.shown.variants.front().code = text ? text->text.toStdString() : std::string();
    return text ? Result<void>() : tl::unexpected(text.error());
}

std::optional<std::size_t> LessonBook::indexOf(const std::string& id) const
{
    const auto it = std::find_if(
        m_lessons.begin(), m_lessons.end(), [&](const Lesson& lesson) { return lesson.scenario.id == id; });
    if (it == m_lessons.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(it - m_lessons.begin());
}

std::optional<std::size_t> LessonBook::indexOfFile(const std::string& path) const
{
    const auto it = std::find_if(
        m_lessons.begin(), m_lessons.end(), [&](const Lesson& lesson) { return lesson.scenario.sourcePath == path; });
    return it == m_lessons.end() ? std::nullopt : std::optional(static_cast<std::size_t>(it - m_lessons.begin()));
}

std::string LessonBook::chapterTitle(const std::string& chapter)
{
    for (const auto& [id, title] : chapters()) {
        if (id == chapter) {
            return title;
        }
    }
    return chapter == kScripts ? "Your scripts" : chapter;
}

std::string LessonBook::place(std::size_t index) const
{
    const std::string& chapter = m_lessons[index].scenario.chapter;
    const auto inChapter = [&](const Lesson& lesson) { return lesson.scenario.chapter == chapter; };
    const auto before = std::count_if(m_lessons.begin(), m_lessons.begin() + static_cast<long>(index), inChapter);
    const auto all = std::count_if(m_lessons.begin(), m_lessons.end(), inChapter);
    return chapterTitle(chapter) + " · " + std::to_string(before + 1) + " of " + std::to_string(all);
}

} // namespace timeslice
