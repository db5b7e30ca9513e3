// Gradients of the layers' inputs beside those of torch's operators in float64.
#include "layers/gradient.h"

#include <gtest/gtest.h>

#include <limits>

#include "layers/attend.h"
#include "layers/convolution.h"
#include "layers/doubling_convolution.h"
#include "layers/exact.h"
#include "layers/gelu.h"
#include "layers/group_norm.h"
#include "layers/linear.h"

namespace kizu::layers {
namespace {

namespace nn = torch::nn;
using Tensors = std::vector<torch::Tensor>;

/// The largest difference, as a share of the largest value.
double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max().clamp_min(1e-2)).item<double>();
}

using Call = std::function<torch::Tensor(const Tensors&)>;

/// What a call gives, and the gradients of its inputs for a fixed gradient of the output.
Tensors output_and_gradients(const Call& call, const Tensors& values, torch::ScalarType dtype) {
  Tensors inputs;
  for (const auto& value : values) inputs.push_back(value.detach().to(dtype).clone().set_requires_grad(true));
  const auto out = call(inputs);
  torch::manual_seed(7);
  auto all = torch::autograd::grad({out}, inputs, {torch::randn(out.sizes(), torch::kFloat64).to(dtype)});
  all.insert(all.begin(), out.detach());
  return all;
}

constexpr double kMost = 5e-6;

void expect_same(const Tensors& fast, const Tensors& wanted, const std::string& what) {
  ASSERT_EQ(fast.size(), wanted.size());
  for (size_t i = 0; i < fast.size(); ++i) {
    ASSERT_EQ(fast[i].sizes(), wanted[i].sizes()) << what << " " << i;
    EXPECT_LT(difference(fast[i], wanted[i]), kMost) << what << (i == 0 ? ": output" : ": gradient ") << i;
  }
}

/// `call` in float32 by our loops, and through `reference` in float64.
void expect_gradients(const Call& call, const Call& reference, const Tensors& values,
                      const std::string& what) {
  expect_same(output_and_gradients(call, values, torch::kFloat32),
              output_and_gradients(reference, values, torch::kFloat64), what);
}

/// The same for a module, which is copied to float64.
template <class Holder, class Make, class Pass>
void expect_module(Make make, Pass pass, const Tensors& values, const std::string& what) {
  Holder module = make(), exact = make();
  exact->to(torch::kFloat64);
  const auto from = module->parameters(), to = exact->parameters();
  for (size_t i = 0; i < from.size(); ++i) {
    const torch::NoGradGuard no_grad;
    from[i].copy_(0.3 * torch::randn(from[i].sizes()));
    to[i].copy_(from[i]);
  }
  for (const auto& each : from) each.requires_grad_(false);
  for (const auto& each : to) each.requires_grad_(false);
  expect_gradients([&](const Tensors& in) { return pass(module, in); },
                   [&](const Tensors& in) { return pass(exact, in); }, values, what);
  const auto name =
      std::string(pass(module, {values[0].clone().set_requires_grad(true), values.back()}).grad_fn()->name());
  EXPECT_NE(name.find("OwnLoops"), std::string::npos) << what << " was computed by " << name;
}

TEST(Gradient, OfALinearLayer) {
  torch::manual_seed(1);
  for (const bool bias : {false, true}) {
    const auto make = [&] { return Linear(nn::LinearOptions(75, 130).bias(bias)); };
    expect_module<Linear>(
        make, [](Linear l, const Tensors& in) { return l(in[0]); }, {torch::randn({2, 37, 75})}, "linear");
    expect_module<Linear>(
        make, [](Linear l, const Tensors& in) { return l->add_to(in[1], in[0]); },
        {torch::randn({2, 37, 75}), torch::randn({2, 37, 130})}, "linear added");
    expect_module<Linear>(
        make, [](Linear l, const Tensors& in) { return l->of_fixed(in[0]); }, {torch::randn({1, 7, 75})},
        "linear of a fixed input");
  }
}

TEST(Gradient, OfAConvolution) {
  torch::manual_seed(1);
  for (const auto& [in, out, kernel, stride, padding] :
       std::vector<std::array<int64_t, 5>>{{3, 8, 3, 1, 1},
                                           {64, 96, 3, 1, 1},
                                           {33, 70, 3, 1, 1},
                                           {1300, 1000, 3, 1, 1},
                                           {5, 7, 3, 2, 1},
                                           {8, 33, 3, 2, 0},
                                           {48, 4, 1, 1, 0},
                                           {6, 6, 5, 1, 2},
                                           {6, 9, 3, 1, 0},
                                           {6, 9, 2, 1, 3},
                                           {4, 4, 1, 2, 1}}) {
    const auto make = [&, in = in, out = out, kernel = kernel, stride = stride, padding = padding] {
      return Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding));
    };
    const auto x = torch::randn({2, in, 7, 10});
    const auto what = std::to_string(in) + " -> " + std::to_string(out);
    expect_module<Conv2d>(
        make, [](Conv2d c, const Tensors& v) { return c(v[0]); }, {x}, what);
    const auto sum = torch::randn_like(make()(x));
    expect_module<Conv2d>(
        make, [](Conv2d c, const Tensors& v) { return c->add_to(v[1], v[0]); }, {x, sum}, what + " added");
  }
}

TEST(Gradient, OfADoublingConvolution) {
  torch::manual_seed(1);
  expect_module<DoublingConv2d>([] { return DoublingConv2d(24, 40); },
                                [](DoublingConv2d c, const Tensors& in) { return c(in[0]); },
                                {torch::randn({2, 24, 5, 8})}, "doubling");
}

TEST(Gradient, OfAGroupNorm) {
  torch::manual_seed(1);
  for (const auto& [groups, channels] :
       std::vector<std::array<int64_t, 2>>{{32, 320}, {8, 48}, {32, 32}, {1, 5}, {2, 150}}) {
    const auto make = [groups = groups, channels = channels](auto holder) {
      return [=] { return decltype(holder)(groups, channels); };
    };
    const auto x = 2 * torch::randn({2, channels, 7, 13}) + torch::randn({1, channels, 1, 1});
    expect_module<GroupNorm>(
        make(GroupNorm(nullptr)), [](GroupNorm n, const Tensors& in) { return n(in[0]); }, {x}, "norm");
    expect_module<GroupNormSiLU>(
        make(GroupNormSiLU(nullptr)), [](GroupNormSiLU n, const Tensors& in) { return n(in[0]); }, {x},
        "norm and SiLU");
  }
}

TEST(Gradient, OfGeglu) {
  torch::manual_seed(1);
  const Call call = [](const Tensors& in) { return geglu(in[0]); };
  expect_gradients(call, call, {3 * torch::randn({2, 37, 2 * 45})}, "geglu");
}

TEST(Gradient, OfGelu) {
  torch::manual_seed(1);
  for (const auto kind : {Gelu::kExact, Gelu::kSigmoid}) {
    const Call call = [&](const Tensors& in) { return gelu(in[0], kind); };
    expect_gradients(call, call, {3 * torch::randn({3, 7000})}, "gelu");
  }
}

struct AttendShape {
  int64_t batch, rows, tokens, heads, width;
};

TEST(Gradient, OfAnAttention) {
  torch::manual_seed(1);
  for (const auto& s :
       {AttendShape{2, 64, 64, 8, 40}, AttendShape{1, 1100, 1100, 2, 16}, AttendShape{1, 30, 2500, 1, 8},
        AttendShape{2, 57, 77, 4, 80}, AttendShape{1, 33, 65, 1, 512}, AttendShape{3, 1, 1, 2, 5}}) {
    const Call call = [&](const Tensors& in) { return attend(in[0], in[1], in[2], s.heads); };
    const auto draw = [&](int64_t length) { return torch::randn({s.batch, length, s.heads * s.width}); };
    expect_gradients(call, call, {draw(s.rows), draw(s.tokens), draw(s.tokens)},
                     std::to_string(s.rows) + " x " + std::to_string(s.tokens));
  }
}

TEST(Gradient, OfAnAttentionThatHidesTokens) {
  torch::manual_seed(2);
  const auto hidden = torch::full({77, 77}, -std::numeric_limits<float>::infinity()).triu(1);
  const Call call = [&](const Tensors& in) {
    return attend(in[0], in[1], in[2], 4, {hidden.to(in[0].scalar_type()), {}, false});
  };
  const auto draw = [] { return torch::randn({2, 77, 96}); };
  expect_gradients(call, call, {draw(), draw(), draw()}, "causal");
}

/// Central differences of a loss, in float64 around float32 outputs, along random directions.
TEST(Gradient, OfAnAttentionIsTheSlopeOfItsValues) {
  torch::manual_seed(3);
  const Tensors values{torch::randn({1, 60, 24}), torch::randn({1, 70, 24}), torch::randn({1, 70, 24})};
  const auto weight = torch::randn({1, 60, 24}, torch::kFloat64);
  const auto loss = [&](const Tensors& in) { return (attend(in[0], in[1], in[2], 3) * weight).sum(); };
  Tensors inputs;
  for (const auto& value : values) inputs.push_back(value.clone().set_requires_grad(true));
  const auto gradients = torch::autograd::grad({loss(inputs)}, inputs);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto direction = torch::randn_like(values[i]);
    Tensors above = values, below = values;
    above[i] = values[i] + 1e-2 * direction;
    below[i] = values[i] - 1e-2 * direction;
    const double slope = ((loss(above) - loss(below)) / 2e-2).item<double>();
    const double told = (gradients[i] * direction).sum().item<double>();
    EXPECT_NEAR(told, slope, 2e-3 * gradients[i].norm().item<double>()) << i;
  }
}

TEST(Gradient, HasTheSameBytesWhateverTheThreadsAndTheBatch) {
  torch::manual_seed(4);
  auto conv = conv3x3(40, 64);
  auto linear = Linear(64, 90);
  auto norm = GroupNormSiLU(8, 40);
  for (torch::nn::Module* each : std::vector<torch::nn::Module*>{conv.get(), linear.get(), norm.get()})
    for (const auto& parameter : each->parameters()) parameter.requires_grad_(false);
  const Call call = [&](const Tensors& in) {
    const auto rows = conv(norm(in[0])).flatten(2).transpose(1, 2);
    return geglu(linear(attend(rows, rows, rows, 4)));
  };
  const auto x = torch::randn({3, 40, 11, 9});
  const auto gradient_of = [&](const torch::Tensor& at, int threads) {
    at::set_num_threads(threads);
    const auto leaf = at.clone().set_requires_grad(true);
    return torch::autograd::grad({call({leaf})}, {leaf}, {torch::ones({at.size(0), 99, 45})})[0];
  };
  const int before = at::get_num_threads();
  const auto one = gradient_of(x, 1);
  EXPECT_TRUE(gradient_of(x, 3).equal(one));
  EXPECT_TRUE(gradient_of(x.slice(0, 1, 2), 2).equal(one.slice(0, 1, 2)));
  at::set_num_threads(before);
}

TEST(Gradient, IsRefusedWhereItWouldBeWrong) {
  auto x = torch::randn({3, 8}).set_requires_grad(true);
  auto y = x * 1;
  const auto out = geglu(y);
  {
    const torch::NoGradGuard no_grad;
    y.mul_(2);
  }
  EXPECT_THROW(out.sum().backward(), c10::Error) << "the kept input was changed";
  const auto again = geglu(x).sum();
  EXPECT_THROW(torch::autograd::grad({again}, {x}, {}, true, true), c10::Error) << "gradients of gradients";
}

TEST(Gradient, KeepsNothingOfAFrozenLayersInput) {
  auto linear = Linear(16, 16);
  for (const auto& parameter : linear->parameters()) parameter.requires_grad_(false);
  auto x = torch::randn({4, 16}).set_requires_grad(true);
  auto y = x * 1;
  const auto storage = y.storage().getWeakStorageImpl();
  const auto out = linear(y);
  y.reset();
  EXPECT_TRUE(storage.expired());
  out.sum().backward();
  EXPECT_TRUE(x.grad().defined());
}

}  // namespace
}  // namespace kizu::layers
