#pragma once
#include <string>

#include "weights/tensor_source.h"

namespace kizu::ldm {

/// Names of the diffusers library for the parts of a latent diffusion model -> names of the checkpoint with
/// their prefixes; empty for a name that the part does not have. The mapping is that of the public conversion
/// scripts.
class DiffusersNames {
 public:
  /// `unet`: the tensors of the U-Net's file, which show how many blocks a level has.
  explicit DiffusersNames(const TensorInfos& unet, const TensorInfos& autoencoder);

  std::string unet(const std::string& name) const;
  std::string autoencoder(const std::string& name) const;
  static std::string text(const std::string& name);

 private:
  int64_t blocks_ = 0;  ///< residual blocks of a level on the way down
  int64_t levels_ = 0;  ///< of the autoencoder
  const TensorInfos& unet_;
};

}  // namespace kizu::ldm
