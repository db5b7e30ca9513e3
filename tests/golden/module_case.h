#pragma once
#include "golden_case.h"

namespace kizu::golden {

/// Compares the output and the gradients, of sum(out * loss_weight), that the case has; `inputs` as given to
/// the module.
inline void compare_with_gradients(Case& c, const torch::Tensor& out,
                                   const std::map<std::string, torch::Tensor>& inputs) {
  c.compare("out", out);
  const auto loss = (out * c.tensor("loss_weight")).sum();
  if (c.has("loss")) c.compare("loss", loss);
  loss.backward();
  for (const auto& [name, input] : inputs)
    if (c.has("grad_" + name)) c.compare("grad_" + name, input.grad());
}

/// The same of a call, whose output is also compared as it is without gradients: through our own loops
/// (layers/).
template <class Call>
void compare_both_ways(Case& c, Call call, const std::map<std::string, torch::Tensor>& inputs) {
  {
    const torch::NoGradGuard no_grad;
    c.compare("out", call());
  }
  compare_with_gradients(c, call(), inputs);
}

/// An input that gradients are asked of.
inline torch::Tensor leaf(const Case& c, const std::string& name) {
  return c.tensor(name).clone().set_requires_grad(true);
}

/// For cases of a module with one input x.
template <class Module>
void run_unary(Case& c, Module module) {
  c.load(*module);
  const auto x = leaf(c, "x");
  compare_both_ways(c, [&] { return module(x); }, {{"x", x}});
}

}  // namespace kizu::golden
