#pragma once
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/observer.h"
#include "ldm/latent_diffusion.h"
#include "ldm/tiny_latent.h"
#include "tensor/convert.h"
#include "weights/pickle_writer.h"
#include "weights/zip_writer.h"

namespace kizu::importing {

/// For tests of import: what is said and how far it is.
struct Listener : Observer {
  std::string text;
  int64_t last = 0;
  bool stop = false;
  void said(const std::string& sentence) override { text += sentence + "\n"; }
  void progressed(const std::string&, int64_t done, int64_t, const std::string&) override { last = done; }
  bool wants_stop() override { return stop; }
};

/// A model whose heads are those that import assumes.
inline ldm::LatentDiffusionConfig small(ldm::BaseFamily family) {
  auto config = ldm::tiny_latent(family);
  config.unet.num_heads = 8;  // what is assumed where nothing is said
  config.text.heads = 2;
  config.text.dim_head = 64;
  config.text.width = config.unet.context_dim = family == ldm::BaseFamily::kSd1Clip ? 128 : 32;
  config.text.vocabulary = 1200;
  config.autoencoder.attention_sizes = {64};
  config.unet.attention_resolutions = {1};
  return config;
}

/// All tensors of a model under the checkpoint's names.
inline NamedTensors tensors_of(const ldm::LatentDiffusion& model) {
  NamedTensors all = state_of(*model.unet, ldm::kUNetPrefix);
  all.merge(state_of(*model.autoencoder, ldm::kAutoencoderPrefix));
  all.merge(state_of(*model.text, ldm::kTextPrefix));
  return all;
}

/// A Lightning checkpoint as torch.save writes it.
inline void write_checkpoint(const std::filesystem::path& file, const NamedTensors& tensors) {
  PickleWriter pickle;
  pickle.begin_dict().text("epoch").integer(7).text("state_dict").begin_dict();
  std::vector<ZipContent> entries(1);
  for (const auto& [name, tensor] : tensors) {
    const std::string key = std::to_string(entries.size());
    const RawTensor raw = to_raw(tensor);
    pickle.text(name).tensor({raw.dtype, raw.shape}, key);
    entries.push_back({"archive/data/" + key, std::string(raw.bytes.begin(), raw.bytes.end())});
  }
  entries[0] = {"archive/data.pkl", pickle.end_dict().end_dict().bytes()};
  write_file(file, zip_of(entries));
}

inline void expect_same_model(const std::filesystem::path& folder, const ldm::LatentDiffusion& expected,
                              torch::ScalarType dtype) {
  const auto loaded = ldm::LatentDiffusion::load(folder);
  EXPECT_EQ(nlohmann::json(loaded.config), nlohmann::json(expected.config));
  EXPECT_EQ(loaded.config.family(), expected.config.family());
  const auto ours = tensors_of(loaded), theirs = tensors_of(expected);
  ASSERT_EQ(ours.size(), theirs.size());
  for (const auto& [name, tensor] : theirs)
    EXPECT_TRUE(torch::equal(ours.at(name), tensor.to(dtype).to(torch::kFloat32))) << name;
}

}  // namespace kizu::importing
