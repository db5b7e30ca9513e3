#pragma once
#include <string>
#include <vector>

#include "quality/feature_sets.h"
#include "quality/instruments.h"
#include "study/quality_pictures.h"

namespace kizu::study {

/// The pictures of one defect type that are compared.
struct TypePictures {
  PictureList real, shots, pairs, pasted;  // test photos, shots, generated pairs, crop-paste of the shots
};

/// Mean and standard deviation of each surface statistic over real defects, pairs and crop-paste, and how far
/// the latter two are from the real ones in standard deviations of these.
Json statistics_of(const TypePictures& pictures);

/// Frechet distances of pairs and crop-paste to real defects, with real-to-real beside them; `sets` are used
/// in their order.
Json frechet_of(const TypePictures& pictures, const std::vector<quality::FeatureSet>& sets, uint64_t seed,
                WorkerPool& pool);

/// For every distance: how different the pairs are among each other, how near they come to a shot, and the
/// same for real defects and crop-paste; with perceptual distances also IC-LPIPS, whole and masked.
Json diversity_of(const TypePictures& pictures, const quality::Instruments& instruments, uint64_t seed,
                  WorkerPool& pool);

}  // namespace kizu::study
