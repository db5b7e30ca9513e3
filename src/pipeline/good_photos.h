#pragma once
#include "anomaly/foreground.h"
#include "dataset/examine.h"
#include "inspection/train_options.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// Where the part is in the good photos that may be learned from, and how they are laid out. Reads no more of
/// them than PartFinder looks at. Throws Error when there are none, or one cannot be read.
anomaly::PartFinder learn_part_finder(const Workspace& workspace, const dataset::Split& split);

/// Whether the good photos of the split resemble each other pixel by pixel: as the masks step recorded it or,
/// where it did not, as they are.
bool has_aligned_photos(const Workspace& workspace, const dataset::Split& split);

/// Pixels of the windows in a training step on this product: for an estimate, before anything is written.
/// `examination`: of its photos, with a split. No window is larger than the longest side of a photo.
int64_t step_pixels(const Workspace& product, const dataset::Examination& examination,
                    const inspection::TrainOptions& train);

}  // namespace kizu::pipeline
