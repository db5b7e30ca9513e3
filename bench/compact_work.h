#pragma once
#include "ldm/compact_model.h"

namespace kizu::bench {

/// Multiply-adds of one pass of the compact base's networks, as ldm/compute_need.h counts them.
double compact_unet_work(const ldm::CompactModel& model, int64_t side, int64_t batch);
double compact_encoder_work(const ldm::CompactModel& model, int64_t side, int64_t batch);
double compact_decoder_work(const ldm::CompactModel& model, int64_t side, int64_t batch);

/// A condition of random numbers for latents of that side.
ldm::CompactCondition compact_condition(const ldm::CompactModel& model, int64_t side, int64_t batch);

}  // namespace kizu::bench
