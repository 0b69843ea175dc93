// Figure: a run as one picture for a slide or a paper, drawn without any window.
//
// It carries title, variant names, legend, time scale with unit, verdict, source, machine facts and date, at any size.
#pragma once

#include "core/base/result.h"
#include "core/model/run_model.h"
#include "ui/course/exploration.h"
#include "ui/theme/theme.h"

#include <QImage>
#include <QSize>
#include <filesystem>
#include <optional>

namespace timeslice {

struct FigureOptions {
    QSize size{1600, 900}; ///< logical pixels
    double scale = 1; ///< device pixels per logical pixel
    std::optional<Nanos> from; ///< relative to each variant's start of work; default: the whole run
    std::optional<Nanos> to;
    bool foldStartUp = true; ///< where the whole run is shown; see ui/plot/start_up.h
    ThemeKind theme = ThemeKind::Light;
    std::optional<LossRef> loss; ///< the lost update that it shows; default: the one to show first
};

/// Whether a picture of that size and range can be drawn at all; the command line asks before a long run.
/// Errors (Usage).
Result<void> checkFigure(const FigureOptions& options);
/// Needs a QGuiApplication (the "offscreen" platform will do). Errors (Usage): a size that is too small or too large.
Result<QImage> renderFigure(const RunModel& model, const FigureOptions& options);
/// Written beside the target and renamed. Errors: the system's, with the path.
Result<void> exportPng(const RunModel& model, const FigureOptions& options, const std::filesystem::path& path);
Result<void> exportSvg(const RunModel& model, const FigureOptions& options, const std::filesystem::path& path);

} // namespace timeslice
