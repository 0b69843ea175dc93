// WindowSettings: what the window remembers from one start to the next.
#pragma once

#include "ui/course/script.h"
#include "ui/theme/theme.h"

#include <QByteArray>
#include <QSettings>
#include <QSize>
#include <QString>
#include <filesystem>
#include <vector>

namespace timeslice {

/// Belongs to the UI thread. Every read has a default, so that a damaged file does no harm.
class WindowSettings {
public:
    /// `file`: an INI file; empty = the user's own (under $XDG_CONFIG_HOME).
    explicit WindowSettings(const QString& file = {});

    ThemeKind theme() const;
    void setTheme(ThemeKind kind);
    bool showAuxiliary() const;
    void setShowAuxiliary(bool show);
    double textScale() const; ///< of all text in the window, 0.7 to 2
    void setTextScale(double scale);
    /// Id of the lesson that was shown last; empty: none, or a script.
    QString lesson() const;
    void setLesson(const QString& id);
    QByteArray geometry() const;
    void setGeometry(const QByteArray& geometry);
    /// Where the last file was written or opened; the documents folder at first.
    QString folder() const;
    void setFolder(const QString& folder);
    /// Of the viewer's own scenarios; empty: none was chosen.
    std::filesystem::path scenarioFolder() const;
    void setScenarioFolder(const std::filesystem::path& folder);
    /// Whether the viewer has let a text run, by its digest; the last kConsentsKept are known.
    bool allowed(const QByteArray& digest) const;
    void allow(const QByteArray& digest);
    static constexpr qsizetype kConsentsKept = 500;
    /// Of exported PNGs, in pixels.
    QSize pictureSize() const;
    void setPictureSize(QSize size);
    /// The viewer's scripts that were run last, the latest first, at most kScriptsKept.
    std::vector<Script> scripts() const;
    /// Makes it the latest; one script stands there once.
    void addScript(const Script& script);
    static constexpr std::size_t kScriptsKept = 8;
    /// Interpreters that the viewer has added.
    std::vector<std::filesystem::path> addedInterpreters() const;
    void addInterpreter(const std::filesystem::path& path);

private:
    mutable QSettings m_settings;
};

} // namespace timeslice
