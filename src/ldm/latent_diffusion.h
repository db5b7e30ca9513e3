#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "ldm/latent_config.h"
#include "ldm/recorded_unet.h"
#include "ldm/token_ids.h"

namespace kizu::ldm {

/// Which networks of a base are loaded, and how.
struct LoadOptions {
  bool unet = true;
  bool autoencoder = true;
  bool text = true;
  torch::ScalarType dtype = torch::kFloat32;  ///< of the arithmetic, and of what is not kept otherwise
  /// float16 or bfloat16: weights of convolutions and linear layers that the file has in this type stay so,
  /// beside float32 arithmetic on the CPU. What comes out has the same bytes as with widened weights, at half
  /// the memory.
  torch::ScalarType kept = torch::kFloat32;
  torch::Device device = torch::kCPU;

  /// Whether the loops of layers/ compute the networks, which give the same bytes whatever the threads.
  bool own_loops() const;
};

/// A latent diffusion model with a text encoder: the base of the published method. As a folder: model.json
/// ("architecture": "ldm-bert" or "sd1-clip", "config", "about"), unet.safetensors, autoencoder.safetensors
/// and text_encoder.safetensors, whose tensors have the checkpoint's full names.
struct LatentDiffusion {
  LatentDiffusionConfig config;
  UNet unet{nullptr};
  Autoencoder autoencoder{nullptr};
  TextEncoder text{nullptr};  ///< empty when it was not loaded or has been released
  /// Of a base on a GPU; empty elsewhere, and where plain ATen operators were asked for (layers/exact.h).
  std::shared_ptr<RecordedUNet> recorded;
  /// Of the vocabulary that was imported with a base of byte pairs, loaded with its text encoder. Empty
  /// without one, and on ldm-bert, whose captions are built in.
  std::shared_ptr<const Tokenizer> tokenizer;

  /// Untrained, the weights drawn from the seed; frozen.
  static LatentDiffusion create(const LatentDiffusionConfig& config, uint64_t seed);
  /// Memory-maps the weights: those that are used on the CPU as they are stored stay in the file and must not
  /// be written to, others are converted tensor by tensor. All frozen. Throws Error naming the file that is
  /// missing, cut short or of the wrong shape.
  static LatentDiffusion load(const std::filesystem::path& folder, const LoadOptions& options = {});
  /// Writes the folder with weights of `dtype` (float32, float16 or bfloat16). `about` is kept in model.json.
  void save(const std::filesystem::path& folder, torch::ScalarType dtype, const nlohmann::json& about) const;

  /// Frees the text encoder's weights, once the contexts are known.
  void release_text() { text = TextEncoder(nullptr); }
  void to(torch::Device device, torch::ScalarType dtype);
  /// Of whichever part is loaded.
  torch::Device device() const;
  /// As LoadOptions has it, of the U-Net as it is.
  bool own_loops() const;

  /// What the U-Net predicts in a sampling loop, without gradients: x [B, C, h, w], t [B], context [B, L, D],
  /// whose type is that of the arithmetic -> as x, in its type. For one thread at a time on a GPU.
  torch::Tensor predict(const torch::Tensor& x, const torch::Tensor& t, const torch::Tensor& context,
                        const AttentionWeights* weights = nullptr);
  /// image [B, 3, H, W] in [-1, 1], noise [B, C, H/f, W/f] -> scaled latent, float32: a sample of the
  /// posterior, never its mode.
  torch::Tensor encode(const torch::Tensor& image, const torch::Tensor& noise);
  /// Its two halves: what the network says of the image, and a scaled latent drawn from that.
  torch::Tensor moments(const torch::Tensor& image);
  torch::Tensor drawn(const torch::Tensor& moments, const torch::Tensor& noise) const;
  /// Scaled latent -> image [B, 3, H, W], float32, not clamped.
  torch::Tensor decode(const torch::Tensor& latent);

 private:
  /// After its weights came to a device: lays them out as a GPU wants them.
  void prepare_device();
};

/// True if the folder's model.json names this kind of base (and not the compact one).
bool is_latent_diffusion(const std::filesystem::path& folder);
/// The type of the U-Net's weights in a folder's file: float32, float16 or bfloat16. Throws Error naming the
/// file.
torch::ScalarType stored_type(const std::filesystem::path& folder);
LatentDiffusionConfig read_config(const std::filesystem::path& folder);
/// The tokenizer of a base of byte pairs, empty where the folder has no vocabulary. Throws Error for one that
/// does not fit.
std::shared_ptr<const Tokenizer> read_tokenizer(const std::filesystem::path& folder,
                                                const LatentDiffusionConfig& config);
/// Side in pixels of the square pictures that a base was trained on.
int64_t native_side(const LatentDiffusionConfig& config);

inline constexpr const char* kUNetFile = "unet.safetensors";
inline constexpr const char* kAutoencoderFile = "autoencoder.safetensors";
inline constexpr const char* kTextFile = "text_encoder.safetensors";

}  // namespace kizu::ldm
