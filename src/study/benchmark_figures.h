#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>

#include "core/json.h"

namespace kizu::study {

/// The figures of one category in the published tables: shares in percent, the last two as they are.
enum Figure {
  kPixelAuroc,
  kPixelAp,
  kPixelF1,
  kAuPro,
  kImageAuroc,
  kImageAp,
  kImageF1,
  kAccuracy,
  kInceptionScore,
  kIcLpips,
  kFigures
};
extern const std::array<const char*, kFigures> kFigureKeys;   // in benchmark.json
extern const std::array<const char*, kFigures> kFigureNames;  // on pages
using Figures = std::array<std::optional<double>, kFigures>;
using CategoryFigures = std::map<std::string, Figures>;

/// What AnomalyDiffusion (Hu et al. 2024) reports of itself for the 15 categories of MVTec AD.
const CategoryFigures& published_figures();

enum class Averaging {
  kAll,        ///< over all categories that have the figure
  kPublished,  ///< as the paper's tables: pixel figures without "bottle", classification without "toothbrush"
};
/// The plain mean of each figure over the categories that have it; empty where none has.
Figures mean_of(const CategoryFigures& categories, Averaging averaging);

/// The means that the paper prints over all of MVTec AD: those of the categories, and AU-PRO, of which it
/// gives no categories.
Figures published_means();

/// {"pixel_ap": 81.4, ...}; null where empty.
Json to_json(const Figures& figures);

}  // namespace kizu::study
