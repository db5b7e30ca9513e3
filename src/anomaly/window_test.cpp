#include "anomaly/window.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "tensor/convert.h"

namespace kizu::anomaly {
namespace {

Mask with_boxes(int width, int height, const std::vector<Box>& boxes) {
  Mask mask = Mask::blank(width, height);
  for (const Box& box : boxes)
    for (int y = box.y0; y < box.y1; y++)
      for (int x = box.x0; x < box.x1; x++) mask.at(x, y) = 1;
  return mask;
}

bool contains(const Window& window, const Box& box) {
  return window.x <= box.x0 && window.y <= box.y0 && window.x + window.side >= box.x1 &&
         window.y + window.side >= box.y1;
}

/// Every set pixel lies in a window, canvases are of the allowed sizes, and windows leave the photo only
/// where the photo is smaller than they are.
void expect_sound(const Mask& mask, const std::vector<Window>& windows) {
  ASSERT_FALSE(windows.empty());
  for (const Window& window : windows) {
    EXPECT_EQ(window.canvas % 64, 0);
    EXPECT_GE(window.canvas, 128);
    EXPECT_LE(window.canvas, 256);
    EXPECT_GE(window.side, 1);
    EXPECT_TRUE(window.side > mask.width || (window.x >= 0 && window.x + window.side <= mask.width));
    EXPECT_TRUE(window.side > mask.height || (window.y >= 0 && window.y + window.side <= mask.height));
  }
  for (const Component& part : components(mask)) {
    const auto holds = [&](const Window& window) { return contains(window, part.box); };
    EXPECT_TRUE(std::any_of(windows.begin(), windows.end(), holds));
  }
}

TEST(ChooseWindows, ZoomsAsWantedOnASmallDefect) {
  const Mask mask = with_boxes(256, 256, {{100, 120, 120, 130}});
  const auto windows = choose_windows(mask, {});
  ASSERT_EQ(windows.size(), 1u);
  EXPECT_EQ(windows[0].canvas, 128);
  EXPECT_EQ(windows[0].side, 64);
  EXPECT_NEAR(windows[0].x + windows[0].side / 2, 110, 1);
  EXPECT_NEAR(windows[0].y + windows[0].side / 2, 125, 1);
  expect_sound(mask, windows);
}

TEST(ChooseWindows, ZoomsLessOnALargerDefect) {
  const Mask mask = with_boxes(512, 512, {{100, 100, 220, 180}});
  const auto windows = choose_windows(mask, {});
  ASSERT_EQ(windows.size(), 1u);
  EXPECT_EQ(windows[0].canvas, 256);
  EXPECT_GE(windows[0].side, 120 * 1.7 - 1);
  EXPECT_GE(windows[0].zoom(), 1);
}

TEST(ChooseWindows, PartsFarApartGetWindowsOfTheirOwn) {
  const Mask mask = with_boxes(1000, 800, {{10, 10, 20, 20}, {30, 15, 40, 22}, {900, 700, 910, 705}});
  const auto windows = choose_windows(mask, {});
  EXPECT_EQ(windows.size(), 2u);
  for (const Window& window : windows) EXPECT_DOUBLE_EQ(window.zoom(), 2);
  expect_sound(mask, windows);
}

TEST(ChooseWindows, HoldsOfAnySize) {
  const auto sizes = {std::pair{1, 1}, {3, 200}, {50, 40}, {103, 320}, {256, 256}, {4000, 900}};
  for (const auto& [width, height] : sizes) {
    SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height));
    for (const Box& box : {Box{0, 0, width, height}, Box{width - 1, height - 1, width, height},
                           Box{width / 2, 0, width / 2 + 1, height}}) {
      const Mask mask = with_boxes(width, height, {box});
      const auto windows = choose_windows(mask, {});
      expect_sound(mask, windows);
      const auto all = to_tensor(mask);
      for (const Window& window : windows) EXPECT_GT(cut_mask(all, window).sum().item<float>(), 0);
    }
  }
}

TEST(ChooseWindows, SpecksEverywhereStayAffordable) {
  Mask mask = Mask::blank(3000, 3000);
  for (int y = 50; y < 3000; y += 100)
    for (int x = 50; x < 3000; x += 100) mask.at(x, y) = 1;
  const auto windows = choose_windows(mask, {});
  EXPECT_LE(windows.size(), 12u);
  expect_sound(mask, windows);
}

TEST(ChooseWindows, EmptyMaskHasNoneAndWrongOptionsAreNamed) {
  EXPECT_TRUE(choose_windows(Mask::blank(20, 20), {}).empty());
  WindowOptions options;
  options.smallest = 100;
  EXPECT_THROW(choose_windows(Mask::blank(20, 20), options), Error);
}

torch::Tensor smooth_picture(int height, int width) {
  const auto y = torch::arange(height).to(torch::kFloat32).view({1, -1, 1});
  const auto x = torch::arange(width).to(torch::kFloat32).view({1, 1, -1});
  return torch::cat({torch::sin(x / 15) * torch::cos(y / 19), 0.01 * x + 0 * y, 0 * x + 0.02 * y}, 0);
}

TEST(Put, ReversesCutInPlace) {
  const auto picture = smooth_picture(300, 400);
  for (const Window& window : {Window{120, 80, 64, 128}, Window{0, 0, 100, 256}, Window{336, 236, 64, 192},
                               Window{50, 20, 200, 256}, Window{10, 5, 256, 256}}) {
    const auto canvas = cut(picture, window);
    ASSERT_EQ(canvas.sizes(), (std::vector<int64_t>{3, window.canvas, window.canvas}));
    const auto back = put(canvas, window, 300, 400);
    const auto inside = [&](const torch::Tensor& of) {
      return of.slice(1, window.y, window.y + window.side).slice(2, window.x, window.x + window.side);
    };
    EXPECT_LT((inside(back) - inside(picture)).abs().max().item<float>(), 0.02) << window.side;
    auto outside = back.clone();
    inside(outside).zero_();
    EXPECT_EQ(outside.abs().max().item<float>(), 0);
  }
}

TEST(Put, ShrunkWindowsStayInRegister) {
  const auto picture = smooth_picture(900, 900);
  const Window window{100, 40, 700, 256};
  const auto back = put(cut(picture, window), window, 900, 900);
  const auto inner = [](const torch::Tensor& of) { return of.slice(1, 60, 720).slice(2, 120, 780); };
  EXPECT_LT((inner(back) - inner(picture)).abs().max().item<float>(), 0.05);
}

TEST(Cut, ReflectsBeyondTheEdge) {
  const auto row = torch::arange(4).to(torch::kFloat32).view({1, 1, 4});
  const auto out = cut(row, {-2, -4, 8, 8});
  const auto expected = torch::tensor({1.f, 0.f, 0.f, 1.f, 2.f, 3.f, 3.f, 2.f});
  for (int y = 0; y < 8; y++) EXPECT_TRUE(torch::equal(out[0][y], expected));
  EXPECT_TRUE(torch::equal(put(out, {-2, -4, 8, 8}, 1, 4), row));
}

TEST(CutMask, KeepsThinLinesAndDotsWhenShrinking) {
  Mask mask = Mask::blank(2000, 2000);
  for (int x = 300; x < 1700; x++) mask.at(x, 400 + x / 7) = 1;
  mask.at(1500, 1500) = 1;
  const auto windows = choose_windows(mask, {});
  float dots = 0;
  for (const Window& window : windows) {
    const Mask small = to_mask(cut_mask(to_tensor(mask), window));
    const auto parts = components(small);
    EXPECT_GE(parts.size(), 1u);
    for (const Component& part : parts) {
      if (part.area <= 4) dots++;
      EXPECT_TRUE(part.area <= 4 || part.box.width() >= 1400 * 0.95 * window.canvas / window.side);
    }
  }
  EXPECT_GE(dots, 1);
}

TEST(CutMask, EnlargesExactly) {
  const Mask mask = with_boxes(100, 100, {{40, 50, 43, 51}});
  const auto big = cut_mask(to_tensor(mask), {20, 20, 64, 128});
  EXPECT_EQ(big.sum().item<float>(), 3 * 4);
  EXPECT_EQ(big[0][60][40].item<float>(), 1);
  EXPECT_EQ(big[0][61][45].item<float>(), 1);
}

TEST(WindowCover, IsTheShareOfTheWindowsThatTheMaskTakes) {
  const auto small = with_boxes(256, 256, {{100, 100, 108, 108}}),
             large = with_boxes(256, 256, {{20, 0, 236, 256}});
  const auto window = choose_windows(small, {}).at(0);
  EXPECT_DOUBLE_EQ(window_cover(small, {}), 64.0 / (static_cast<double>(window.side) * window.side));
  EXPECT_LT(window_cover(small, {}), 0.05);
  EXPECT_GT(window_cover(large, {}), 0.5);
  EXPECT_EQ(window_cover(Mask::blank(32, 32), {}), 0);
}

}  // namespace
}  // namespace kizu::anomaly
