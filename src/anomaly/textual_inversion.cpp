#include "anomaly/textual_inversion.h"

#include <algorithm>

#include "ldm/memory_need.h"
#include "tensor/torch_threads.h"

namespace kizu::anomaly {
namespace {

/// Rows from..to-1 of a batch.
InversionBatch rows_of(const InversionBatch& batch, int64_t from, int64_t to) {
  const auto rows = [&](const torch::Tensor& all) { return all.defined() ? all.slice(0, from, to) : all; };
  return {rows(batch.z_0),  rows(batch.ids), {batch.names.begin() + from, batch.names.begin() + to},
          rows(batch.mask), rows(batch.t),   rows(batch.eps)};
}

/// Sum of the losses of some rows, and its gradient for the vectors [B, n, width] that are inserted into
/// their captions.
std::pair<double, torch::Tensor> inserted_gradient(ldm::LatentDiffusion& base,
                                                   const diffusion::Schedule& schedule,
                                                   const InversionBatch& rows, const torch::Tensor& inserted,
                                                   const InversionOptions& options) {
  const auto leaf = inserted.detach().requires_grad_(true);
  const auto context = context_of(base.text, rows.ids, leaf).tokens;
  const auto x_t = diffusion::q_sample(schedule, rows.z_0, rows.eps, rows.t).to(context.scalar_type());
  const auto predicted = base.unet->forward(x_t, rows.t, context).to(rows.eps.scalar_type());
  torch::Tensor loss;
  {
    const TorchThreads one(1);  // a sum, which keeps its order
    torch::Tensor mask;
    if (rows.mask.defined())
      mask = latent_mask(rows.mask, rows.z_0.size(2), rows.z_0.size(3), options.mask_resize)
                 .to(rows.eps.device());
    loss = masked_loss(predicted, rows.eps, mask, options.loss).sum();
  }
  return {loss.item<double>(), torch::autograd::grad({loss}, {leaf})[0]};
}

/// Rows of a group. Our own loops give the same bytes for any number, and the more the faster.
int64_t rows_together(ldm::LatentDiffusion& base, const InversionBatch& batch,
                      const InversionOptions& options) {
  const int64_t count = batch.z_0.size(0);
  const int64_t wanted = options.rows_at_once > 0 ? std::min(count, options.rows_at_once) : count;
  if (!base.own_loops()) return wanted;
  const auto kept = ldm::kept_by_layers(base.config.unet, batch.z_0.size(2), batch.z_0.size(3));
  return std::clamp(static_cast<int64_t>(ldm::kMostKept / kept), wanted, count);
}

}  // namespace

InversionGradient inversion_gradient(ldm::LatentDiffusion& base, const diffusion::Schedule& schedule,
                                     const Concepts& concepts, const InversionBatch& batch,
                                     const InversionOptions& options, WorkerPool& pool) {
  const int64_t count = batch.z_0.size(0), stride = rows_together(base, batch, options);
  torch::Tensor inserted;
  // The spatial encoder sees the whole batch, for its statistics; on one thread, so that sums keep their
  // order.
  pool.run(1, [&](int, int64_t) { inserted = concepts.inserted(batch.names, batch.mask); });
  const int64_t groups = (count + stride - 1) / stride;
  std::vector<std::pair<double, torch::Tensor>> parts(static_cast<size_t>(groups));
  // Fewer groups than workers: each has several cores.
  const int cores = base.own_loops() ? std::max(1, pool.size() / static_cast<int>(groups)) : 1;
  pool.run(groups, [&](int, int64_t group) {
    const TorchThreads all(cores);
    const int64_t from = group * stride, to = std::min(count, from + stride);
    parts[static_cast<size_t>(group)] = inserted_gradient(base, schedule, rows_of(batch, from, to),
                                                          inserted.detach().slice(0, from, to), options);
  });
  InversionGradient result;
  std::vector<torch::Tensor> gradients, parameters;
  for (const auto& [loss, gradient] : parts) {
    result.loss += loss / static_cast<double>(count);
    gradients.push_back(gradient / static_cast<double>(count));
  }
  for (const auto& each : concepts.trainables()) parameters.push_back(each.value);
  pool.run(1, [&](int, int64_t) {
    result.of = torch::autograd::grad({inserted}, parameters, {torch::cat(gradients)}, /*retain_graph=*/{},
                                      /*create_graph=*/false, /*allow_unused=*/true);
  });
  return result;
}

TextualInversion::TextualInversion(ldm::LatentDiffusion& base, Concepts concepts,
                                   const InversionOptions& options, const AdamOptions& adam)
    : base_(base),
      schedule_(schedule_of(base.config)),
      concepts_(std::move(concepts)),
      options_(options),
      adam_(concepts_.trainables(), adam),
      pool_(workers_for(base, options.workers)) {}

TextualInversion::~TextualInversion() {
  base_.unet->set_checkpointing(false);
}

InversionGradient TextualInversion::step(const InversionBatch& batch, double learning_rate) {
  const auto kept = ldm::kept_by_layers(base_.config.unet, batch.z_0.size(2), batch.z_0.size(3));
  base_.unet->set_checkpointing(!base_.own_loops() || kept > ldm::kMostKept);
  auto gradient = inversion_gradient(base_, schedule_, concepts_, batch, options_, pool_);
  adam_.step(gradient.of, learning_rate);
  return gradient;
}

int workers_for(ldm::LatentDiffusion& base, int workers) {
  return base.unet->parameters().front().is_cuda() ? 1 : workers;
}

diffusion::Schedule schedule_of(const ldm::LatentDiffusionConfig& config) {
  diffusion::ScheduleConfig schedule;
  schedule.beta_start = config.linear_start;
  schedule.beta_end = config.linear_end;
  schedule.steps = config.timesteps;
  return diffusion::Schedule(schedule);
}

}  // namespace kizu::anomaly
