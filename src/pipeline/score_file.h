#pragma once
#include <filesystem>
#include <vector>

#include "metrics/score_bins.h"

namespace kizu::pipeline {

/// The binned scores of all photos of an evaluation, in the order of "photos_scored" in its metrics.json: one
/// safetensors file whose int32 tensors bins, positives, negatives and float64 tensor overlap hold the photos
/// one after another; photo i has cells offsets[i] to offsets[i + 1] and regions[i].
void write_score_bins(const std::filesystem::path& file, const std::vector<metrics::ScoreBins>& photos);
/// Throws Error naming the file when it is missing or damaged.
std::vector<metrics::ScoreBins> read_score_bins(const std::filesystem::path& file);

}  // namespace kizu::pipeline
