#include "inspection/light_loops.h"
#include "inspection/losses.h"
#include "layers/exact.h"

namespace kizu::inspection {
namespace {

class LocalizerLoss : public torch::autograd::Function<LocalizerLoss> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& logits,
                               const torch::Tensor& target, double dice, double balanced) {
    const auto truth = target.contiguous();
    const auto odds =
        (logits.select(1, 1) - logits.select(1, 0)).contiguous();  // [N, H, W], log odds of a defect
    const auto probability = torch::sigmoid(odds), otherwise = torch::sigmoid(-odds);
    const auto log_probability = torch::log_sigmoid(odds);
    auto p_t = torch::empty_like(odds);
    const float* y = truth.data_ptr<float>();
    const float* p = probability.data_ptr<float>();
    const float* q = otherwise.data_ptr<float>();
    loops::focal_probabilities(p, q, y, odds.numel(), p_t.data_ptr<float>());
    const auto log_p_t = p_t.log();
    auto gradient = torch::empty_like(odds);
    const double loss = loops::localizer_loss(
        {odds.numel(), odds.data_ptr<float>(), p, q, log_probability.data_ptr<float>(), p_t.data_ptr<float>(),
         log_p_t.data_ptr<float>(), y, dice, balanced, gradient.data_ptr<float>()});
    context->save_for_backward({gradient});
    return torch::tensor(loss, odds.options());
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto to_odds = context->get_saved_variables()[0] * gradients[0];
    return {torch::stack({-to_odds, to_odds}, 1), {}, {}, {}};
  }
};

}  // namespace

torch::Tensor localizer_loss(const torch::Tensor& logits, const torch::Tensor& target, double dice,
                             double balanced) {
  const bool ours = !layers::is_exact() && logits.is_cpu() && logits.scalar_type() == torch::kFloat32 &&
                    target.scalar_type() == torch::kFloat32 && logits.size(1) == 2;
  return ours ? LocalizerLoss::apply(logits, target, dice, balanced)
              : localizer_loss_plain(logits, target, dice, balanced);
}

torch::Tensor localizer_loss_plain(const torch::Tensor& logits, const torch::Tensor& target, double dice,
                                   double balanced) {
  const auto probabilities = torch::softmax(logits, 1);
  auto loss = focal_loss(probabilities, target);
  if (dice > 0) loss = loss + dice * soft_dice_loss(probabilities.select(1, 1), target.squeeze(1));
  if (balanced > 0) loss = loss + balanced * balanced_cross_entropy(logits, target);
  return loss;
}

}  // namespace kizu::inspection
