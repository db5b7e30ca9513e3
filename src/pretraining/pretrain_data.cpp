#include "core/error.h"
#include "pretraining/pretrain.h"
#include "synthetic/scene.h"
#include "tensor/convert.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

namespace kizu::pretraining {
namespace {

constexpr int64_t kSize = 256;
constexpr int64_t kChunk = 64;  // triples between two progress reports

}  // namespace

TripleStore draw_triples(int64_t count, uint64_t seed, int workers, Observer& observer) {
  WorkerPool pool(workers);
  TripleStore store{torch::empty({count, 3, kSize, kSize}, torch::kUInt8),
                    torch::empty({count, 3, kSize, kSize}, torch::kUInt8),
                    torch::empty({count, 1, kSize, kSize}, torch::kUInt8)};
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    if (observer.wants_stop()) throw Interrupted();
    const int64_t size = std::min(kChunk, count - begin);
    pool.run(size, [&](int, int64_t index) {
      const torch::NoGradGuard no_grad;
      const int64_t i = begin + index;
      const auto triple = synthetic::draw_triple(mix(seed, "triple", i), kSize);
      store.normal[i].copy_(to_u8(triple.normal));
      store.flawed[i].copy_(to_u8(triple.flawed));
      store.mask[i].copy_(triple.mask.to(torch::kUInt8));
    });
    observer.progressed("draw", begin + size, count, "");
  }
  return store;
}

LatentStore encode_triples(ldm::CompactModel& model, const TripleStore& triples,
                           const PretrainOptions& options, Observer& observer) {
  const torch::NoGradGuard no_grad;
  const int64_t count = triples.normal.size(0), channels = model.config.autoencoder.latent_channels;
  const auto half = torch::TensorOptions().dtype(torch::kFloat16).device(options.device);
  LatentStore store{torch::empty({count, channels, kSize / 8, kSize / 8}, half),
                    torch::empty({count, channels, kSize / 8, kSize / 8}, half),
                    triples.mask.to(options.device)};
  WorkerPool pool(options.device.is_cuda() ? 1 : options.workers);
  const auto encode = [&](const torch::Tensor& u8) {
    return model.autoencoder->encode(u8.to(options.device).to(torch::kFloat32) / 127.5 - 1);
  };
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    if (observer.wants_stop()) throw Interrupted();
    const int64_t size = std::min(kChunk, count - begin);
    pool.run((size + 7) / 8, [&](int, int64_t block) {
      const torch::NoGradGuard no_grad;
      const int64_t from = begin + block * 8, to = std::min(from + 8, begin + size);
      store.normal.slice(0, from, to).copy_(encode(triples.normal.slice(0, from, to)));
      store.flawed.slice(0, from, to).copy_(encode(triples.flawed.slice(0, from, to)));
    });
    observer.progressed("encode", begin + size, count, "");
  }
  return store;
}

}  // namespace kizu::pretraining
