#pragma once
#include <functional>

#include "pretraining/pretrain.h"
#include "tensor/sharded.h"
#include "tensor/training_state.h"

namespace kizu::pretraining {

/// How one network's weights move, step by step.
struct Pace {
  std::string name;  // of its progress lines and of its checkpoint
  int64_t steps = 0, warm_up = 0;
  double rate = 0;            // after the warm-up
  double constant_share = 0;  // of the steps, before the cosine fall
  AdamOptions adam;
  double average = 0.999;  // decay of the moving average that stays at the end
};

/// Adam on gradients clipped at norm 1, with a moving average, a checkpoint every so many steps and at a
/// stop. Continues from the checkpoint in `folder`; leaves the averaged weights in `trained`. `gradient` is
/// that of a step, whose noise has to follow from the step alone. Throws Interrupted when the observer wants
/// a stop.
void pretrain_loop(const Pace& pace, const std::vector<Trainable>& trained, const PretrainOptions& options,
                   const std::filesystem::path& folder, const std::function<Gradient(int64_t step)>& gradient,
                   Observer& observer);

}  // namespace kizu::pretraining
