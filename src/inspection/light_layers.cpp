#include "inspection/light_layers.h"

#include "inspection/light_loops.h"

namespace kizu::inspection {
namespace {

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

class Standardised : public torch::autograd::Function<Standardised> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& weight,
                               const torch::Tensor& gain, double factor) {
    const auto from = weight.contiguous(), gains = gain.contiguous();
    auto normed = torch::empty_like(from), inverse = torch::empty_like(gains);
    auto filters = torch::empty(weight.sizes(), weight.options(), kChannelsLast);
    loops::standardise({weight.size(0), weight.size(1), weight.size(2) * weight.size(3),
                        from.data_ptr<float>(), gains.data_ptr<float>(), static_cast<float>(factor),
                        normed.data_ptr<float>(), inverse.data_ptr<float>(), filters.data_ptr<float>()});
    context->save_for_backward({normed, inverse, gains});
    context->saved_data["factor"] = factor;
    return filters;
  }
  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& normed = saved[0];
    const auto gradient = gradients[0].contiguous(kChannelsLast);
    auto to_weight = torch::empty_like(normed), to_gain = torch::empty_like(saved[1]);
    auto scratch = torch::empty({normed.numel() / normed.size(0)}, normed.options());
    loops::standardise_backward(
        {normed.size(0), normed.size(1), normed.size(2) * normed.size(3), gradient.data_ptr<float>(),
         normed.data_ptr<float>(), saved[1].data_ptr<float>(), saved[2].data_ptr<float>(),
         static_cast<float>(context->saved_data["factor"].toDouble()), to_weight.data_ptr<float>(),
         to_gain.data_ptr<float>(), scratch.data_ptr<float>()});
    return {to_weight, to_gain, torch::Tensor()};
  }
};

class EnlargedPlus : public torch::autograd::Function<EnlargedPlus> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& small,
                               const torch::Tensor& large, double share) {
    const auto a = small.contiguous(kChannelsLast), b = large.contiguous(kChannelsLast);
    auto sum = torch::empty(large.sizes(), large.options(), kChannelsLast);
    loops::enlarge_and_add(a.data_ptr<float>(), b.data_ptr<float>(), static_cast<float>(share), small.size(0),
                           small.size(2), small.size(3), small.size(1), sum.data_ptr<float>());
    context->saved_data["share"] = share;
    return sum;
  }
  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto gradient = gradients[0].contiguous(kChannelsLast);
    const int64_t n = gradient.size(0), c = gradient.size(1), h = gradient.size(2) / 2,
                  w = gradient.size(3) / 2;
    auto to_small = torch::empty({n, c, h, w}, gradient.options(), kChannelsLast);
    auto to_large = torch::empty(gradient.sizes(), gradient.options(), kChannelsLast);
    loops::enlarge_and_add_backward(gradient.data_ptr<float>(),
                                    static_cast<float>(context->saved_data["share"].toDouble()), n, h, w, c,
                                    to_small.data_ptr<float>(), to_large.data_ptr<float>());
    return {to_small, to_large, torch::Tensor()};
  }
};

}  // namespace

torch::Tensor standardised(const torch::Tensor& weight, const torch::Tensor& gain, double factor) {
  return Standardised::apply(weight, gain, factor);
}

torch::Tensor enlarged_plus(const torch::Tensor& small, const torch::Tensor& large, double share) {
  TORCH_CHECK(large.size(2) == 2 * small.size(2) && large.size(3) == 2 * small.size(3) &&
                  large.size(1) == small.size(1),
              "enlarged_plus: ", small.sizes(), " does not fit ", large.sizes());
  return EnlargedPlus::apply(small, large, share);
}

}  // namespace kizu::inspection
