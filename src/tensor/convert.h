#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

#include "image/image.h"
#include "image/masks.h"
#include "weights/safetensors.h"

namespace kizu {

using NamedTensors = std::map<std::string, torch::Tensor>;

/// Image -> [3, H, W] float32 in [-1, 1] (grey is repeated) or in [0, 1].
torch::Tensor to_pm1(const Image& image);
torch::Tensor to_01(const Image& image);
/// [3, H, W] in [-1, 1] / [0, 1] -> picture with the given channels (1: mean of RGB) and depth; clamped,
/// rounded.
Image from_pm1(const torch::Tensor& rgb, int channels, int depth);
Image from_01(const torch::Tensor& rgb, int channels, int depth);
/// [-1, 1] -> uint8 of the same shape; clamped, rounded.
torch::Tensor to_u8(const torch::Tensor& pm1);
/// Mask -> [1, H, W] float32 of 0 and 1, and back (threshold 0.5).
torch::Tensor to_tensor(const Mask& mask);
Mask to_mask(const torch::Tensor& mask);

/// Between files and tensors. F16 and BF16 become float32 when `as_float` is set.
torch::Tensor to_tensor(const RawTensor& raw, bool as_float = false);
RawTensor to_raw(const torch::Tensor& tensor);
NamedTensors read_tensors(const std::filesystem::path& file, bool as_float = false);
void write_tensors(const std::filesystem::path& file, const NamedTensors& tensors,
                   const std::map<std::string, std::string>& metadata = {});

/// Copies `tensors` whose names start with `prefix` into the module's parameters and buffers of the same
/// name. Throws Error (naming `origin`) with the list of missing, unknown or wrongly shaped tensors.
void load_state(torch::nn::Module& module, const NamedTensors& tensors, const std::string& prefix,
                const std::string& origin);
/// Parameters and buffers by name, each with `prefix` before it; detached, sharing storage.
NamedTensors state_of(const torch::nn::Module& module, const std::string& prefix = "");

}  // namespace kizu
