#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "ldm/detect.h"
#include "weights/tensor_source.h"

namespace kizu::ldm {

/// A latent diffusion model in the layout of the diffusers library, such as CompVis/ldm-text2im-large-256,
/// under the names and shapes of the original checkpoint.
class DiffusersFolder : public TensorSource {
 public:
  /// Throws Error naming what is missing.
  explicit DiffusersFolder(const std::filesystem::path& folder);

  RawTensor read(const std::string& name) const override;

  /// What the folder's config.json files say of heads; 0 where they do not.
  Heads heads() const;
  /// Schedule and latent scale, where the folder gives them. Throws Error for a schedule that is not linear
  /// in the root of beta.
  void take_numbers(LatentDiffusionConfig& config) const;
  /// The folder with the tokenizer's files; empty where there is none.
  std::filesystem::path vocabulary() const;

 private:
  struct Origin {
    const TensorSource* file;
    std::string name;
  };
  std::unique_ptr<TensorSource> open_part(std::initializer_list<const char*> folders);
  void add(const TensorSource& file, const std::string& name, const std::string& ours, bool reshape);

  std::filesystem::path folder_;
  std::unique_ptr<TensorSource> unet_, autoencoder_, text_;
  std::map<std::string, Origin> origins_;  // by our name
};

}  // namespace kizu::ldm
