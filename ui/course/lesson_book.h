// LessonBook: the scenarios of the catalogue with what the viewer did to each in this session, and the viewer's own
// scripts, which are treated alike.
#pragma once

#include "core/model/run_model.h"
#include "core/scenario/catalogue.h"
#include "ui/course/exploration.h"
#include "ui/course/script.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// How the last run of a lesson ended, in this session.
enum class RunMark : unsigned char { None, Done, Failed, Stopped };

/// Failed: it could not be run, or a part of it ended as it should not (an exit status, a signal, a limit). A deadlock
/// is what its lesson is about, and a variant whose interpreter is not here is no failure.
RunMark markOf(const RunModel& model);

/// What is asked, and behind it what a beginner cannot know.
QString questionOf(const Scenario& scenario);

/// A scenario as set by its knobs, the viewer's prediction, and its last run.
struct Lesson {
    Scenario scenario; ///< not resolved: knob expressions are still in it
    Scenario shown; ///< resolved, for texts; where that fails, `scenario` (running it then says why)
    std::optional<std::size_t> prediction; ///< index into Scenario::predictions
    std::vector<int> hands; ///< of a class, for each prediction; empty: nobody was asked
    bool locked = false; ///< a run has begun since the prediction was made
    std::shared_ptr<RunModel> run; ///< while another lesson is shown; null = not run yet
    Exploration::State explored; ///< of that run
    std::optional<int> picture; ///< of that run, which the viewer chose (RunStage's); nothing: the one that it is about
    bool answering = false; ///< presented: past the question, at what the steps or the run show

    RunMark mark = RunMark::None; ///< also when that run is not kept

    std::optional<Script> script; ///< a program of the viewer's; `scenario` then holds its name and text only
    std::optional<ScriptConsent> consent; ///< to run it, in this session
    std::optional<FileState> started; ///< the script's file when it was compared with what the viewer has seen
};

/// Belongs to the UI thread, once it is made.
class LessonBook {
public:
    LessonBook() = default;
    /// `cores`: how many the run may use, for expressions in texts. Any thread, while it belongs to nobody else.
    LessonBook(Catalogue catalogue, int cores);

    std::size_t size() const noexcept { return m_lessons.size(); }
    Lesson& at(std::size_t index) { return m_lessons[index]; }
    const Lesson& at(std::size_t index) const { return m_lessons[index]; }
    /// `value` was checked against a copy of that scenario.
    void setKnob(std::size_t index, const std::string& id, const std::string& value);
    /// Takes a script of the viewer's in, or what has changed of one that is there. Returns its index; others stay.
    std::size_t addScript(const Script& script);
    /// Reads the script's text anew. Errors: readScript()'s; the text shown is then empty.
    Result<void> readScriptText(std::size_t index);
    /// Takes other scenarios in their place. A lesson whose files say the same keeps what the viewer did to it; scripts
    /// stay. Indices change.
    void replaceCatalogue(Catalogue catalogue);
    const std::vector<DamagedScenario>& damaged() const noexcept { return m_damaged; }

    std::optional<std::size_t> indexOf(const std::string& id) const;
    /// Of the lesson that was read from this file.
    std::optional<std::size_t> indexOfFile(const std::string& path) const;
    /// Title of the chapter with that id; the id itself if the course has no such chapter.
    static std::string chapterTitle(const std::string& chapter);
    /// "The GIL · 1 of 9".
    std::string place(std::size_t index) const;

private:
    void add(Scenario scenario);

    std::vector<Lesson> m_lessons;
    int m_cores = 1;
    std::vector<DamagedScenario> m_damaged;
};

} // namespace timeslice
