#pragma once
#include "anomaly/foreground.h"
#include "dataset/split.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// Where the part is in the good photos that may be learned from, and how they are laid out. Reads no more of
/// them than PartFinder looks at. Throws Error when there are none, or one cannot be read.
anomaly::PartFinder learn_part_finder(const Workspace& workspace, const dataset::Split& split);

/// Whether the good photos resemble each other pixel by pixel: as the masks step recorded it or, where it did
/// not, as they are.
bool has_aligned_photos(const Workspace& workspace);

}  // namespace kizu::pipeline
