#include "ldm/checkpoint.h"

#include "layers/mixed_precision.h"

namespace kizu::ldm {
namespace {

namespace autograd = torch::autograd;

/// The part, and the precision it was computed in: the backward pass may run on another thread.
struct Replay : torch::CustomClassHolder {
  explicit Replay(Part part_again) : part(std::move(part_again)) {}

  torch::Tensor operator()(const autograd::variable_list& inputs) const {
    const auto before = layers::MixedPrecision::now();
    precision.set();
    const torch::AutoGradMode with_gradients(true);
    const auto out = part(inputs);
    before.set();
    return out;
  }

  Part part;
  layers::MixedPrecision precision = layers::MixedPrecision::now();
};

struct Checkpoint : autograd::Function<Checkpoint> {
  static torch::Tensor forward(autograd::AutogradContext* context, const c10::intrusive_ptr<Replay>& replay,
                               at::TensorList inputs) {
    context->save_for_backward(inputs.vec());
    context->saved_data["replay"] = c10::IValue::make_capsule(replay);
    return replay->part(inputs.vec());  // gradients are off in here
  }

  static autograd::variable_list backward(autograd::AutogradContext* context,
                                          const autograd::variable_list& gradients) {
    const auto capsule = context->saved_data["replay"].toCapsule();
    autograd::variable_list inputs, wanted;
    for (const auto& saved : context->get_saved_variables()) {
      inputs.push_back(saved.detach().set_requires_grad(saved.requires_grad()));
      if (saved.requires_grad()) wanted.push_back(inputs.back());
    }
    const auto out = static_cast<const Replay&>(*capsule)(inputs);
    autograd::variable_list results(1 + inputs.size());  // none for the part itself
    if (!out.requires_grad()) return results;            // the part uses no input that gradients are asked of
    const auto found = autograd::grad({out}, wanted, gradients, {}, false, true);
    size_t next = 0;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i].requires_grad()) results[1 + i] = found[next++];
    return results;
  }
};

}  // namespace

torch::Tensor checkpoint(const Part& part, const std::vector<torch::Tensor>& inputs) {
  bool needed = false;
  for (const auto& input : inputs) needed = needed || input.requires_grad();
  if (!needed || !torch::GradMode::is_enabled()) return part(inputs);
  return Checkpoint::apply(c10::make_intrusive<Replay>(part), at::TensorList(inputs));
}

}  // namespace kizu::ldm
